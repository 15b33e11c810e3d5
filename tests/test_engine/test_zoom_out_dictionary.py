"""Dictionaries: fitted from a seed, kept, refused where they do not fit."""

import numpy as np
import pytest
import torch

from zoo.engine.checkpoint import load_plain, save_plain
from zoo.engine.zoom_out import dictionary as module
from zoo.engine.zoom_out.dictionary import load_or_fit_dictionary
from zoo.engine.zoom_out.plan import image_dataset, plan_features
from zoo.errors import UserError


@pytest.fixture
def load(zoom_out_config, zoom_out_leaf):
    """Return a function that fills an extractor, fitting where it must."""

    def load(*options):
        config = zoom_out_config(*options)
        plan = plan_features(config, zoom_out_leaf)
        images = image_dataset(config.train_dataloader.dataset, config)
        load_or_fit_dictionary(plan, images)
        return plan

    return load


def content_of(folder):
    return load_plain(folder / 'dictionary.pth')


def test_a_dictionary_is_kept_with_where_it_comes_from(extracted, load):
    content = content_of(extracted)
    state = content['state_dict']
    assert state['backbone.textons'].shape == (4, 38)
    assert state['backbone.words'].shape == (5, 128)
    plan = load()
    assert content['meta'] == plan.provenance
    assert torch.equal(plan.extractor.textons, state['backbone.textons'])
    assert torch.equal(plan.extractor.words, state['backbone.words'])


def test_one_that_is_there_is_not_fitted_again(extracted, load, monkeypatch):
    monkeypatch.setattr(module, 'fit_words', None)
    load()


def test_fitting_follows_from_the_seed(extracted, load):
    expected = content_of(extracted)['state_dict']
    (extracted / 'dictionary.pth').unlink()
    again = load().extractor
    assert torch.equal(again.textons, expected['backbone.textons'])
    assert torch.equal(again.words, expected['backbone.words'])
    other = load('features.seed=1').extractor
    assert not torch.equal(other.textons, again.textons)


def test_words_are_fitted_on_so_many_samples_of_so_many_images(
    load, monkeypatch
):
    seen, drawn = [], []
    plain = module.fit_words

    def fit(samples, *, count, seed):
        seen.append((samples.shape, count, seed))
        return plain(samples, count=count, seed=seed)

    def draw(photo, **options):
        drawn.append((photo.shape, options['count']))
        return np.random.default_rng(0).random((options['count'], 38))

    monkeypatch.setattr(module, 'fit_words', fit)
    monkeypatch.setattr(module, 'sample_texton_responses', draw)
    load('features.images=4', 'features.samples=90', 'features.seed=2')
    assert drawn == [((121, 161, 3), 23)] * 4  # 22.5 rounded up
    assert seen == [((92, 38), 4, 2), ((3 * 92, 128), 5, 2)]


def test_channels_can_have_words_of_their_own(load):
    words = load('model.backbone.per_channel=True').extractor.words
    assert words.shape == (3, 5, 128)
    assert not torch.equal(words[0], words[1])
    assert words[2].std() > 0


@pytest.fixture
def stated(extracted, tmp_path):
    """Return a function that writes a changed dictionary: its option."""

    def stated(change):
        content = content_of(extracted)
        change(content)
        path = tmp_path / 'stated.pth'
        save_plain(content, path)
        return f'features.dictionary={path}'

    return stated


def test_a_dictionary_that_is_stated_is_taken(stated, load, monkeypatch):
    monkeypatch.setattr(module, 'fit_words', None)

    def change(content):
        content['state_dict']['backbone.words'].fill_(3)
        content['meta']['data'] = 'of other images of these classes'

    plan = load(stated(change))
    assert (plan.extractor.words == 3).all()
    assert len(plan.provenance['dictionary']) == 64


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        (
            lambda c: c['meta'].update(classes=['a', 'b']),
            r'other classes \(2, here 12\)\. Take out features\.dictionary',
        ),
        (
            lambda c: c['meta']['classes'].reverse(),
            r'other classes \(12, here 12\)',
        ),
        (lambda c: c['meta'].clear(), r'other classes \(0, here 12\)'),
        (
            lambda c: c['state_dict'].update(
                {'backbone.words': torch.zeros(6, 128)}
            ),
            r'backbone\.words is \(6, 128\) there and \(5, 128\) here',
        ),
        (
            lambda c: c['state_dict'].pop('backbone.textons'),
            'holds no dictionaries',
        ),
    ],
    ids=['fewer', 'order', 'none', 'sizes', 'part'],
)
def test_a_dictionary_that_does_not_fit_is_refused(
    stated, load, change, message
):
    with pytest.raises(UserError, match=rf'stated\.pth: .*{message}') as info:
        load(stated(change))
    assert '\n' not in str(info.value)


def test_a_damaged_file_is_refused_in_one_line(extracted, load, tmp_path):
    path = tmp_path / 'torn.pth'
    whole = (extracted / 'dictionary.pth').read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UserError, match=r'torn\.pth: damaged') as info:
        load(f'features.dictionary={path}')
    assert '\n' not in str(info.value)
