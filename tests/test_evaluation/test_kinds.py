"""The table of kinds agrees with the metrics and the published numbers."""

import pytest

from zoo.evaluation import (
    BoxIoUMetric,
    RegionAPMetric,
    SegmentationMetric,
    TagMetric,
    load_published,
)
from zoo.evaluation.kinds import KINDS, RULES


def test_every_kind_has_a_metric_and_a_word_of_its_own():
    metrics = (SegmentationMetric, RegionAPMetric, BoxIoUMetric, TagMetric)
    assert [metric.kind for metric in metrics] == list(KINDS)
    words = {kind.word for kind in KINDS.values()}
    assert len(words) == len(KINDS)
    assert 'totals' not in words


@pytest.mark.parametrize('kind', ['semantic', 'instance'])
def test_published_numbers_go_by_its_names(kind):
    published = {row.metric for row in load_published()}
    assert {c.name for c in KINDS[kind].metrics.values()} <= published


def test_two_kinds_share_no_name():
    names = [c.name for k in KINDS.values() for c in k.metrics.values()]
    names += [kind.class_name for kind in KINDS.values()]
    assert len(set(names)) == len(names)


def test_the_rules_of_sds_need_no_word():
    usual = {'matching': 'uncovered', 'ap': 'all-point', 'void': 'count'}
    for name, words in RULES.items():
        assert [choice for choice in words if not words[choice]] == [
            usual[name]
        ]
