"""Chains applied to folders of saved probabilities."""

import json
import shutil

import numpy as np
import pytest
from PIL import Image
from support import LEAF, ROOT

from zoo.engine.refining import refine as module
from zoo.engine.refining.refine import refine
from zoo.errors import UserError
from zoo.ops.dense_crf import dense_crf


def run(place, out=None, **options):
    """Refine with the photographs of the folder."""
    given = {'photos': str(place.photos), 'labels': str(place.labels)}
    out = out or place.out
    return refine(place.leaf, probs=place.probs, out=out, **given | options)


def test_masks_probabilities_and_scores_are_those_of_the_crf(place, by_hand):
    report = run(place, save_probs=True)
    assert (report.written, report.kept, report.problems) == (4, 0, [])
    raw, refined = [], []
    for name in by_hand.names:
        probs, photo, labels = by_hand.arrays(place, name)
        wanted = dense_crf(probs, photo, **by_hand.crf)
        mask = Image.open(place.out / f'masks/{name}.png')
        assert mask.mode == 'P'
        assert (np.asarray(mask) == wanted.argmax(0)).all()
        saved = np.load(place.out / f'probs/{name}.npy')
        assert saved.dtype == np.float16
        assert np.abs(saved - wanted).max() < 1e-3
        raw.append((probs.argmax(0), labels))
        refined.append((wanted.argmax(0), labels))
    before, after = report.scores
    assert before['mIoU'] == pytest.approx(by_hand.mean_iou(raw))
    assert after['mIoU'] == pytest.approx(by_hand.mean_iou(refined))
    assert after['mIoU'] > before['mIoU'] + 5
    assert report.labelled == 4
    right = sum((m == t)[t != 255].sum() for m, t in refined)
    assert after['aAcc'] == pytest.approx(100 * right / (4 * 15 * 20))


@pytest.mark.slow
def test_the_number_of_workers_changes_nothing(place):
    one = run(place, place.root / 'one', save_probs=True)
    two = run(place, place.root / 'two', save_probs=True, workers=2)
    assert repr(one) == repr(two)
    for path in (place.root / 'one').rglob('*.*'):
        if path.suffix != '.lock':
            other = place.root / 'two' / path.relative_to(place.root / 'one')
            assert path.read_bytes() == other.read_bytes()


def test_without_labels_nothing_is_scored(place):
    report = run(place, labels=None)
    assert report.written == 4
    assert report.scores is None
    assert not (place.out / 'probs').exists()


def test_colours_are_voc_s_where_no_data_set_is_known(place):
    run(place, labels=None)
    palette = Image.open(place.out / 'masks/a.png').getpalette()
    assert palette[:9] == [0, 0, 0, 128, 0, 0, 0, 128, 0]


def test_options_change_the_chain(place, by_hand):
    key = 'model.post_processors.0.bilateral_weight=0.0'
    run(place, options=[key, 'model.post_processors.0.iterations=1'])
    probs, photo, _ = by_hand.arrays(place, 'a')
    changed = by_hand.crf | {'bilateral_weight': 0.0, 'iterations': 1}
    wanted = dense_crf(probs, photo, **changed).argmax(0)
    mask = np.asarray(Image.open(place.out / 'masks/a.png'))
    assert (mask == wanted).all()
    assert (mask != dense_crf(probs, photo, **by_hand.crf).argmax(0)).any()


STEP = """
from mmseg.registry import MODELS
from torch import nn


@MODELS.register_module()
class Hesitant(nn.Module):
    def forward(self, probs, photo):
        return 0.5 * probs + 0.5 / len(probs)
"""


@pytest.mark.slow
def test_steps_of_a_user_run_in_order_in_every_process(
    place, by_hand, monkeypatch
):
    (place.root / 'my_steps.py').write_text(STEP)
    monkeypatch.syspath_prepend(str(place.root))
    crf = {'type': 'DenseCRF', **by_hand.crf}
    place.leaf.write_text(
        "# Two.\ncustom_imports = dict(imports=['my_steps'])\n"
        f"model = dict(post_processors=[dict(type='Hesitant'), {crf}])\n"
    )
    run(place, save_probs=True, workers=2)
    for name in by_hand.names:
        probs, photo, _ = by_hand.arrays(place, name)
        wanted = dense_crf(probs / 2 + np.float32(1 / 6), photo, **by_hand.crf)
        saved = np.load(place.out / f'probs/{name}.npy')
        assert np.abs(saved - wanted).max() < 1e-3


def stop_after(monkeypatch, count):
    """Let the run be stopped before image number ``count``."""
    real, seen = module.refine_one, []

    def refine_one(task, item, known):
        seen.append(item.name)
        if len(seen) > count:
            raise KeyboardInterrupt
        return real(task, item, known)

    monkeypatch.setattr(module, 'refine_one', refine_one)


def test_goes_on_where_it_was_stopped(place, monkeypatch):
    whole = run(place, place.root / 'whole')
    with monkeypatch.context() as patch:
        stop_after(patch, 2)
        with pytest.raises(KeyboardInterrupt):
            run(place)
    masks = place.out / 'masks'
    assert sorted(p.name for p in masks.iterdir()) == ['a.png', 'b.png']
    with (place.out / 'refined.jsonl').open('a') as file:
        file.write('{"image": "c", "inp')
    written = (masks / 'a.png').stat().st_mtime_ns
    report = run(place)
    assert (report.written, report.kept) == (2, 2)
    assert repr(report.scores) == repr(whole.scores)
    assert (masks / 'a.png').stat().st_mtime_ns == written
    report = run(place)
    assert (report.written, report.kept) == (0, 4)


@pytest.mark.parametrize('changed', ['probs', 'photo', 'mask', 'saved'])
def test_what_changed_meanwhile_is_done_again(place, changed):
    run(place, save_probs=True)
    if changed == 'probs':
        shutil.copy(place.probs / 'a.npy', place.probs / 'b.npy')
    elif changed == 'photo':
        shutil.copy(place.photos / 'a.png', place.photos / 'b.png')
    elif changed == 'mask':
        (place.out / 'masks/b.png').unlink()
    else:
        (place.out / 'probs/b.npy').unlink()
    report = run(place, save_probs=True)
    assert (report.written, report.kept) == (1, 3)
    assert run(place, save_probs=True).kept == 4


def content(folder):
    """Return the bytes of each file of a folder."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize('kind', ['probs', 'labels', 'photos'])
def test_never_writes_where_it_reads(place, kind):
    folder = place.out / ('probs' if kind == 'probs' else 'masks')
    shutil.copytree(getattr(place, kind), folder)
    before = content(folder)
    link = place.root / 'link'
    link.symlink_to(folder)
    for given in (folder, link):
        setattr(place, kind, given)
        with pytest.raises(UserError) as caught:
            run(place, save_probs=True)
        assert f'{folder} is the folder of ' in str(caught.value)
        assert content(folder) == before
    assert [path.name for path in place.out.iterdir()] == [folder.name]


def test_may_write_masks_beside_the_probabilities(place):
    shutil.copytree(place.probs, place.out / 'probs')
    place.probs = place.out / 'probs'
    before = content(place.probs)
    assert run(place).written == 4
    assert content(place.probs) == before


@pytest.mark.parametrize('folder', ['images', 'labels'])
def test_never_writes_into_a_data_set(place, mini_root, folder):
    root = place.root / 'data'
    shutil.copytree(mini_root, root)
    names = {'images': 'JPEGImages', 'labels': 'SegmentationClass'}
    place.out.mkdir()
    (place.out / 'masks').symlink_to(root / names[folder])
    save_for_minivoc(place, mini_root, 12)
    place.leaf = LEAF
    before = content(root / names[folder])
    with pytest.raises(UserError, match=r'masks is the folder of'):
        run(place, photos=None, labels=None, data_root=str(root))
    assert content(root / names[folder]) == before


def test_probabilities_of_another_photograph_are_not_kept(place):
    run(place, save_probs=True)
    shutil.copy(place.photos / 'a.png', place.photos / 'b.png')
    assert run(place).written == 1
    assert run(place, save_probs=True).written == 1
    run(place, place.root / 'fresh', save_probs=True)
    for name in ('masks/b.png', 'probs/b.npy'):
        fresh = place.root / 'fresh' / name
        assert (place.out / name).read_bytes() == fresh.read_bytes()


@pytest.mark.parametrize('how', ['damaged', 'small', 'other'])
@pytest.mark.parametrize('name', ['masks/b.png', 'probs/b.npy'])
def test_what_was_damaged_in_the_folder_is_made_anew(place, name, how):
    run(place, save_probs=True)
    path = place.out / name
    good = path.read_bytes()
    if how == 'damaged':
        path.write_bytes(good[:70])
    elif how == 'other':
        shutil.copy(path.with_stem('a'), path)
    elif path.suffix == '.png':
        Image.fromarray(np.zeros((3, 4), np.uint8)).save(path)
    else:
        np.save(path, np.zeros((3, 3, 4), np.float16))
    report = run(place, save_probs=True)
    assert (report.written, report.kept, report.problems) == (1, 3, [])
    assert path.read_bytes() == good


def test_labels_that_come_later_are_scored_and_nothing_computed(place):
    assert run(place, labels=None).scores is None
    report = run(place)
    assert (report.written, report.kept, report.labelled) == (0, 4, 4)
    whole = run(place, place.root / 'whole')
    assert repr(report.scores) == repr(whole.scores)


def test_images_without_a_label_map_are_refined_and_not_scored(place, by_hand):
    (place.labels / 'b.png').unlink()
    report = run(place)
    assert (report.written, report.labelled, report.problems) == (4, 3, [])
    assert (place.out / 'masks/b.png').is_file()
    pairs = []
    for name in ('a', 'c', 'd'):
        probs, _, labels = by_hand.arrays(place, name)
        pairs.append((probs.argmax(0), labels))
    wanted = by_hand.mean_iou(pairs)
    assert report.scores[0]['mIoU'] == pytest.approx(wanted)


@pytest.mark.parametrize('lost', ['image', 'inputs', 'outputs'])
def test_a_line_of_the_journal_without_a_key_is_damage(place, lost):
    run(place)
    path = place.out / 'refined.jsonl'
    head, *rest = map(json.loads, path.read_text().splitlines())
    del rest[1][lost]
    path.write_text('\n'.join(map(json.dumps, [head, *rest])) + '\n')
    with pytest.raises(UserError, match=r'refined.jsonl: damaged. Delete'):
        run(place)


def test_another_chain_in_the_folder_is_refused(place):
    run(place)
    option = 'model.post_processors.0.iterations=4'
    with pytest.raises(UserError, match=r'refined.jsonl: .*another --out'):
        run(place, options=[option])


def test_a_preset_whose_numbers_changed_is_another_chain(place):
    names = ('weight', 'xy_std', 'rgb_std')
    kernels = {f'bilateral_{name}': 5.0 for name in names}
    kernels |= {'gaussian_weight': 1.0, 'gaussian_xy_std': 2.0}
    preset = place.root / 'p.json'
    preset.write_text(json.dumps(kernels))
    crf = {'type': 'DenseCRF', 'preset': str(preset)}
    place.leaf.write_text(f'# One.\nmodel = dict(post_processors=[{crf}])\n')
    run(place)
    preset.write_text(json.dumps(kernels | {'gaussian_weight': 2.0}))
    with pytest.raises(UserError, match=r'weight=1\.0.* now .*=2\.0'):
        run(place)


BAD = {
    'nan': lambda p: np.full_like(p, np.nan),
    'logits': lambda p: np.log(p) * 3,
    'swapped': lambda p: p.transpose(0, 2, 1),
    'last': lambda p: p.transpose(1, 2, 0),
    'small': lambda p: p[:, 1:],
}
SAID = {
    'nan': 'holds NaN or infinity. Save it again',
    'logits': 'apply softmax over the classes first',
    'swapped': 'Height and width are swapped: save it as (C, H, W)',
    'last': 'It looks like (H, W, C): move the last axis to the front',
    'small': 'is for 20x15 pixels, ',
}


@pytest.mark.parametrize('kind', BAD)
def test_a_bad_file_is_one_line_and_stops_nothing(place, kind):
    path = place.probs / 'b.npy'
    np.save(path, BAD[kind](np.load(path).astype(np.float32)))
    report = run(place)
    (line,) = report.problems
    assert line.startswith(f'{path}: ')
    assert SAID[kind] in line
    assert '\n' not in line
    masks = sorted(p.stem for p in (place.out / 'masks').iterdir())
    assert masks == ['a', 'c', 'd']
    assert (report.written, report.labelled) == (3, 3)
    lines = (place.out / 'refined.jsonl').read_text().splitlines()[1:]
    assert [json.loads(line)['image'] for line in lines] == masks


def test_files_that_are_none_stop_nothing(place):
    (place.probs / 'b.npy').write_bytes(b'PK, not a zip')
    (place.probs / 'c.npy').unlink()
    (place.probs / 'c.npy').mkdir()
    report = run(place)
    assert report.written == 2
    b, c = report.problems
    assert b.startswith(f'{place.probs}/b.npy: cut short')
    assert c.startswith(f'{place.probs}/c.npy: cannot be read')


def test_files_of_other_classes_than_most_are_bad(place):
    path = place.probs / 'a.npy'
    np.save(path, np.full((4, 16, 20), 0.25))
    report = run(place)
    (line,) = report.problems
    assert line.startswith(f'{path}: has 4 classes, most others 3. Take it')
    assert not (place.out / 'masks/a.png').exists()
    assert (report.written, report.labelled) == (3, 3)


@pytest.mark.parametrize('classes', [255, 256])
def test_refuses_more_classes_than_a_mask_holds(place, classes):
    for path in place.probs.iterdir():
        values = np.full((classes, 16, 20), 1 / classes, np.float32)
        np.save(path, values)
    key = 'model.post_processors.0.iterations=1'
    report = run(place, options=[key], labels=None)
    assert report.written == (4 if classes == 255 else 0)
    for line in report.problems:
        assert 'has 256 classes, a mask of 8 bits holds 255. ' in line


@pytest.mark.parametrize('orientation', [1, 3, 6, 8])
def test_probabilities_of_a_photograph_that_exif_turns(place, orientation):
    path = place.photos / 'b.png'
    image = Image.open(path)
    exif = image.getexif()
    exif[0x0112] = orientation
    image.save(path, exif=exif)
    np.save(place.probs / 'b.npy', np.full((3, 20, 16), 1 / 3))
    (line,) = run(place).problems
    assert ('EXIF orientation' in line) == (orientation > 4)
    assert ('are swapped' in line) == (orientation < 5)


def test_all_kinds_of_files_that_do_not_fit(place):
    (place.photos / 'a.png').unlink()
    path = place.photos / 'c.png'
    path.write_bytes(path.read_bytes()[:60])
    labels = Image.fromarray(np.full((16, 20), 3, np.uint8))
    labels.save(place.labels / 'd.png')
    report = run(place)
    assert report.written == 1
    a, c, d = report.problems
    assert a.startswith(f'{place.probs}/a.npy: no photograph is called a. ')
    assert c.startswith(f'{path}: cannot be read as an image')
    assert d.startswith(f'{place.labels}/d.png: ids 3 are beyond')


def test_a_folder_that_cannot_be_written_stops_all(place):
    place.out.mkdir()
    (place.out / 'masks').touch()
    with pytest.raises(UserError, match=r'masks.*cannot be written'):
        run(place)


@pytest.mark.parametrize(
    ('model', 'message'),
    [
        ('dict()', 'model.post_processors is empty. Choose a leaf'),
        ('dict(post_processors=None)', 'model.post_processors is empty'),
        (
            "dict(post_processors=[dict(type='HoughInstances', things=[1])])",
            r'post_processors.0 is a HoughInstances, which needs boxes',
        ),
        (
            "dict(post_processors=[dict(type='DenseCRF', preset='x')])",
            'crf_own.py: .*preset must be one of',
        ),
        (
            "dict(post_processors=[dict(type='DensCRF')])",
            "'DensCRF' is not registered. Did you mean 'DenseCRF'",
        ),
    ],
)
def test_refuses_chains_that_cannot_run(place, model, message):
    place.leaf.write_text(f'# One.\nmodel = {model}\n')
    with pytest.raises(UserError, match=message):
        run(place)


def test_refuses_an_instance_leaf_and_names_that_of_its_classes(place):
    place.leaf = ROOT / 'configs/fcrn/r18-instances_minivoc.py'
    with pytest.raises(UserError, match=r'model.grouper needs boxes.*fcrn/r'):
        run(place)


def test_refuses_folders_that_were_mixed_up(place):
    with pytest.raises(UserError, match=r'--labels .*: no such folder'):
        run(place, labels='no')
    with pytest.raises(UserError, match='no test_dataloader'):
        run(place, photos=None)
    with pytest.raises(UserError, match='is the folder of --probs'):
        run(place, place.probs)
    (place.root / 'other').mkdir()
    shutil.copy(place.photos / 'a.png', place.root / 'other/z.png')
    with pytest.raises(UserError, match='no file has the name of a photo'):
        run(place, photos=str(place.root / 'other'))


def save_for_minivoc(place, mini_root, classes):
    """Save hard probabilities of the truth of minivoc's split val."""
    shutil.rmtree(place.probs)
    place.probs.mkdir()
    for path in (mini_root / 'SegmentationClass').glob('val_*.png'):
        labels = np.asarray(Image.open(path))
        truth = np.where(labels == 255, 0, labels)
        hot = (np.arange(classes)[:, None, None] == truth).astype(np.float32)
        np.save(place.probs / f'{path.stem}.npy', hot * 0.9 + 0.1 / classes)


def test_photographs_labels_and_colours_of_the_data_set(place, mini_root):
    save_for_minivoc(place, mini_root, 12)
    place.leaf = LEAF
    report = run(place, photos=None, labels=None, data_root=str(mini_root))
    assert (report.written, report.labelled) == (3, 3)
    before, after = report.scores
    assert before['aAcc'] == 100 > after['aAcc'] > 90
    mask = Image.open(place.out / 'masks/val_0000.png')
    truth = Image.open(mini_root / 'SegmentationClass/val_0000.png')
    assert mask.getpalette()[:36] == truth.getpalette()[:36]


def test_refuses_the_classes_of_another_data_set(place, mini_root):
    save_for_minivoc(place, mini_root, 13)
    place.leaf = LEAF
    report = run(place, photos=None, labels=None, data_root=str(mini_root))
    assert len(report.problems) == 3
    assert 'has 13 classes, the data set 12' in report.problems[0]
