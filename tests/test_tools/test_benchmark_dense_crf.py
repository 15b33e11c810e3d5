"""The benchmarks of the dense CRF measure what they say they do."""

import sys

import numpy as np
import pytest
from PIL import Image
from support import ROOT

from zoo.cli import run
from zoo.ops import dense_crf


@pytest.fixture
def folders(tmp_path):
    """Three photographs of 20 x 24 and their probabilities."""
    rng = np.random.default_rng(0)
    for folder in ('photos', 'probs'):
        (tmp_path / folder).mkdir()
    for name in 'abc':
        photo = rng.integers(0, 256, (4, 4, 3), np.uint8)
        photo = photo.repeat(5, 0).repeat(6, 1)
        Image.fromarray(photo).save(tmp_path / f'photos/{name}.png')
        probs = rng.dirichlet(np.ones(5), (20, 24)).transpose(2, 0, 1)
        probs = probs * np.array([1, 1, 1, 1e-4, 1e-4])[:, None, None]
        np.save(tmp_path / f'probs/{name}.npy', probs / probs.sum(0))
    photos, probs = (str(tmp_path / x) for x in ('photos', 'probs'))
    size = '--size', '20', '24'
    return ['--images', photos, '--probs', probs, *size, '--count', '3']


@pytest.fixture
def tools(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / 'tools/benchmark')
    names = 'dense_crf', 'dense_crf_accuracy'
    for name in names:
        monkeypatch.delitem(sys.modules, name, raising=False)
    return [__import__(name) for name in names]


def test_ratios_stand_beside_what_is_demanded(tools, folders, capsys):
    speed = tools[0]
    arguments = [*folders, '--parts', 'speed', 'gpu', '--rounds', '1']
    code = run(speed.build_parser(), speed.main, arguments)
    out, err = capsys.readouterr()
    assert (code, err) == (0, '')
    assert '20 x 24, 5 classes, 3 photographs, DeepLab-LargeFOV' in out
    for demanded in ('1.5', '3.0', '30'):
        assert f'demanded >= {demanded}' in out or 'not measured' in out
    assert out.count('same answer on') == 3


def test_accuracy_is_the_worst_of_all_images(tools, folders, capsys):
    """Against what pydensecrf answers, image by image."""
    speed, accuracy = tools
    arguments = [*folders, '--presets', 'DeepLab']
    code = run(accuracy.build_parser(), accuracy.main, arguments)
    out, err = capsys.readouterr()
    assert (code, err) == (0, '')
    args = accuracy.build_parser().parse_args(arguments)
    gaps, options = [], speed.options_of('DeepLab')
    for image, probs in speed.load_samples(args):
        found, expected = (
            dense_crf(probs, image, **options, prune=False, backend=backend)
            for backend in ('lattice', 'pydensecrf')
        )
        gaps.append(abs(found - expected).max())
    first = out.split('DeepLab, after\n')[1].splitlines()
    assert f'{max(gaps):.1e} at most' in first[0]
    assert first[1].endswith('40% of the classes fell')
    assert 'DeepLab, none' in out


def test_without_probabilities_there_is_nothing_to_smooth(
    tools, folders, capsys
):
    speed = tools[0]
    arguments = folders[:2]
    assert run(speed.build_parser(), speed.main, arguments) == 2
    assert 'give --config or --probs' in capsys.readouterr().err
