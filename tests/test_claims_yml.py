"""configs/claims.yml: its leaves, its published rows, and what it covers."""

import re
from collections import Counter
from functools import cache
from itertools import product

import pytest
import yaml
from support import ROOT

from zoo.engine.config import load_config
from zoo.evaluation import find_published
from zoo.evaluation.claims import METRICS, load_claims
from zoo.evaluation.kinds import KINDS

CONFIGS = ROOT / 'configs'
CLAIMS = load_claims(CONFIGS / 'claims.yml')
BY_NAME = {claim.name: claim for claim in CLAIMS}
PAIRS = [
    pytest.param(claim, dataset, id=f'{claim.name}-{dataset}')
    for claim in CLAIMS
    for dataset in claim.runs
]
each_pair = pytest.mark.parametrize(('claim', 'dataset'), PAIRS)
# The data set of a leaf on which a published row can be repeated.
REPEATED = {
    'VOC2012': 'voc',
    'VOC2012-SBD-instance': 'voc',
    'NYUDv2-40': 'nyud40',
    'Cityscapes': 'cityscapes',
    'MSRC-21': 'msrc21',
}
LEVELS = ('local', 'proximal', 'distant', 'global')


@cache
def leaf(name):
    return load_config(CONFIGS / f'{name}.py')


def kind_of(config):
    return KINDS['instance' if 'semantic' in config.model else 'semantic']


def scored_on(config):
    """Return what decides which images are scored, and how."""
    dataset = config.test_dataloader.dataset
    files = {k: v for k, v in dataset.items() if k != 'pipeline'}
    return files, config.test_evaluator


@each_pair
def test_a_pair_is_scored_on_the_same_images_by_the_same_metric(
    claim, dataset
):
    pair = claim.runs[dataset]
    better, worse = leaf(pair.better), leaf(pair.worse)
    assert claim.metric in kind_of(better).metrics
    assert kind_of(better) == kind_of(worse)
    assert scored_on(better) == scored_on(worse)


def head(config):
    return config.model.decode_head


def span(config):
    """Return the cells from the first tap of a row to the last."""
    return (head(config).kernel_size - 1) * head(config).dilation + 1


def boxes_loss(config):
    return head(leaf(config.assembled_from['localisation'])).loss_decode


def levels(config):
    return set(config.model.backbone.use)


def hidden(config):
    return head(config).get('hidden', [])


# What the better leaf of every pair of these claims has more of.
MEASURES = {
    r'deeplab-crf.*|context-boundary': lambda c: bool(c.model.post_processors),
    r'deeplab-msc.*': lambda c: head(c).type == 'DeepLabMScHead',
    r'deeplab-fov-.*|fcrn-fov-.*': span,
    r'zoom-out-full-.*|zoom-out-\w+-to-.*': levels,
    r'zoom-out-asymmetric': lambda c: 'Asymmetric' in head(c).loss_decode.type,
    r'zoom-out-(mlp|units)-.*': lambda c: sum(hidden(c)),
    r'zoom-out-layers.*': lambda c: -len(hidden(c)),
    r'zoom-out-dropout': lambda c: head(c).get('dropout', 0),
    r'context-pyramid': lambda c: len(c.model.backbone.pyramid),
    r'context-multiscale': lambda c: len(c.model.backbone.scales),
    r'context-pairwise': lambda c: len(c.model.backbone.potentials),
    r'context-coco': lambda c: 'datasets' in c.train_dataloader.dataset,
    r'context-refine': lambda c: head(c).type.startswith('Refined'),
    r'fcrn-stride-.*': lambda c: -c.model.backbone.output_stride,
    r'fcrn-depth-.*': lambda c: c.model.backbone.depth,
    r'fcrn-bootstrapping-\d+(-\w+)?': lambda c: 'k' in head(c).loss_decode,
    r'fcrn-bootstrapping-512-over-.*': lambda c: head(c).loss_decode.k == 512,
    r'fcrn-final': lambda c: len(c.get('views', ())),
    r'fcrn-instances-bootstrapping.*': lambda c: 'k' in boxes_loss(c),
    r'fcrn-instances-weights.*': lambda c: (
        boxes_loss(c).get('weight') == 'box'
    ),
    r'fcrn-instances-depth': lambda c: c.model.semantic.backbone.depth,
    r'fcrn-instances-coco.*': lambda c: 'coco' in c.assembled_from.semantic,
    r'fcrn-instances-true-classes.*': lambda c: (
        c.model.semantic.type == 'TrueClasses'
    ),
}


@each_pair
def test_the_better_leaf_has_more_of_what_the_claim_says(claim, dataset):
    (measure,) = (
        measure
        for pattern, measure in MEASURES.items()
        if re.fullmatch(pattern, claim.name)
    )
    pair = claim.runs[dataset]
    assert measure(leaf(pair.better)) > measure(leaf(pair.worse))


def stated_values(config, row, metric):
    """Return what a leaf states of a row's data set and a kind of metric."""
    rows = find_published(map(dict, config.get('published', [])))
    return {
        found.value
        for found in rows
        if (found.dataset, found.split) == (row.dataset, row.split)
        and f'{found.metric}_'.startswith(f'{metric}_')
    }


def sides(claim):
    """Yield data set, leaf and published row of both sides of all pairs."""
    for dataset, pair in claim.runs.items():
        for side in ('better', 'worse') if claim.published else ():
            row = getattr(claim.published, side)
            yield dataset, getattr(pair, side), row


def test_leaves_state_the_numbers_of_their_claims():
    """In Table 2 of zoom-out, too, unless it is CNN-S's, which none has."""
    agreed = 0
    for claim in CLAIMS:
        for _, name, row in sides(claim):
            stated = stated_values(leaf(name), row, METRICS[claim.metric])
            if row.value in stated:
                agreed += 1
            elif stated:
                assert row.method.startswith('Zoom-out CNN-S, '), claim.name
    assert agreed > 150


@pytest.mark.parametrize('claim', CLAIMS, ids=lambda claim: claim.name)
def test_a_claim_is_repeated_where_it_was_published(claim):
    """But those of networks that go on from trained ones, which are ours."""
    if claim.published is None or claim.name.endswith('-tuned'):
        assert len(claim.runs) == 1
    else:
        assert REPEATED[claim.published.better.dataset] in claim.runs


def test_no_measured_difference_counts_twice():
    counts = Counter(
        (pair, claim.metric)
        for claim in CLAIMS
        for pair in claim.runs.values()
    )
    assert not [pair for pair, count in counts.items() if count > 1]


def test_papers_are_called_as_in_the_collections():
    names = {
        yaml.safe_load(path.read_text())['Name']
        for path in CONFIGS.glob('*/collection.yml')
    }
    assert {claim.group for claim in CLAIMS} == names - {'Mixtures'}


def test_full_zoom_out_meets_every_row_of_the_table():
    pairs = [
        claim.runs['minivoc']
        for claim in CLAIMS
        if claim.name.startswith('zoom-out-full-')
    ]
    assert all(levels(leaf(pair.better)) == set(LEVELS) for pair in pairs)
    assert sorted(len(levels(leaf(pair.worse))) for pair in pairs) == [
        *(1, 1, 2, 2, 2, 2, 3)
    ]


def test_every_step_by_one_level_is_a_claim():
    """Of two rows that differ in one level the larger set is ahead."""
    pairs = [
        [levels(leaf(name)) for name in (pair.better, pair.worse)]
        for claim in CLAIMS
        if re.fullmatch(r'zoom-out-(full|\w+-to)-.*', claim.name)
        for pair in [claim.runs['minivoc']]
    ]
    rows = [row for pair in pairs for row in pair]
    for more, fewer in product(rows, rows):
        if more > fewer and len(more - fewer) == 1:
            assert [more, fewer] in pairs


@pytest.mark.parametrize(
    'name',
    [
        'deeplab-crf-largefov',  # dense CRF helps DeepLab
        'deeplab-msc',
        'deeplab-fov-largefov',
        'deeplab-fov-4x4-nocrf',
        'zoom-out-asymmetric',
        'zoom-out-mlp-256',
        'context-pyramid',
        'context-multiscale',
        'context-boundary',
        'context-pairwise',
        'fcrn-stride-r50',
        'fcrn-fov-104-296-r50',
        'fcrn-bootstrapping-512',
        'fcrn-instances-bootstrapping',
        'fcrn-instances-weights',
        'fcrn-instances-true-classes',
        'fcrn-depth-101',
    ],
)
def test_what_the_papers_rest_on_can_be_tested_on_minivoc(name):
    assert 'minivoc' in BY_NAME[name].runs
