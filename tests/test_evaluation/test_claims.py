"""Files of claims: what is read, and what is refused."""

import pytest
import yaml

from zoo.errors import UserError
from zoo.evaluation.claims import Pair, load_claims

ENTRY = {
    'claim': 'crf-helps',
    'says': 'The dense CRF helps',
    'published': {
        'dataset': 'VOC2012',
        'split': 'val',
        'better': 'DeepLab-CRF-LargeFOV',
        'worse': 'DeepLab-LargeFOV',
    },
    'runs': [
        {'better': 'm/a_voc', 'worse': 'm/b-1_voc'},
        {'better': 'my_m/a_minivoc', 'worse': 'm2/b_minivoc'},
    ],
}
INSTANCES = {
    'claim': 'bootstrapping',
    'says': 'Bootstrapping helps',
    'metric': 'AP_0.7',
    'published': {
        'dataset': 'VOC2012-SBD-instance',
        'split': 'val',
        'better': 'FCRN-50 Hough + Bs',
        'worse': 'FCRN-50 Hough',
    },
    'runs': [{'better': 'm/c_voc', 'worse': 'm/d_voc'}],
}


@pytest.fixture
def load(tmp_path):
    def load_text(content):
        path = tmp_path / 'claims.yml'
        text = content if isinstance(content, str) else yaml.dump(content)
        path.write_text(text)
        return load_claims(path)

    return load_text


def test_a_claim_has_what_the_entry_and_the_published_rows_say(load):
    (claim,) = load({'A paper': [ENTRY]})
    assert (claim.name, claim.says) == ('crf-helps', 'The dense CRF helps')
    assert (claim.group, claim.metric) == ('A paper', 'mIoU')
    assert claim.runs == {
        'voc': Pair(better='m/a_voc', worse='m/b-1_voc'),
        'minivoc': Pair(better='my_m/a_minivoc', worse='m2/b_minivoc'),
    }
    assert claim.published.better.value == 67.64
    assert claim.published.worse.value == 62.25
    assert claim.published.difference == pytest.approx(5.39)
    assert claim.source == 'arXiv 1412.7062 Table 1'


def test_claims_keep_their_order_over_papers(load):
    other = {**ENTRY, 'claim': 'a'}
    text = yaml.dump({'Z': [INSTANCES, ENTRY], 'B': [other]}, sort_keys=False)
    claims = load(text)
    found = [(claim.group, claim.name) for claim in claims]
    assert found == [('Z', 'bootstrapping'), ('Z', 'crf-helps'), ('B', 'a')]


def test_published_rows_are_those_of_the_metric(load):
    (claim,) = load({'A': [INSTANCES]})
    assert claim.metric == 'AP_0.7'
    assert claim.published.better.metric == 'mAP_r@0.7'
    assert claim.published.difference == pytest.approx(1.5)


def test_rows_may_have_a_metric_of_their_own(load):
    published = {
        **ENTRY['published'],
        'better': 'DeepLab-4x4 (k4 r8 FOV224)',
        'worse': 'DeepLab (k4 r4 FOV128)',
        'metric': 'mIoU_after_crf',
    }
    (claim,) = load({'A': [{**ENTRY, 'published': published}]})
    assert claim.metric == 'mIoU'
    assert claim.published.difference == pytest.approx(3.4)


def test_what_has_no_number_says_where_it_stands(load):
    entry = {**ENTRY, 'published': None, 'source': 'A paper, Sec. 1'}
    (claim,) = load({'A': [entry]})
    assert claim.published is None
    assert claim.source == 'A paper, Sec. 1'


RUN = ENTRY['runs'][0]


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        ({'say': 'x'}, "unknown key 'say'. Did you mean 'says'?"),
        ({'claim': 'CRF'}, 'join lower-case words with hyphens'),
        ({'claim': 'crf--helps'}, 'join lower-case words with hyphens'),
        ({'claim': 'crf_helps'}, 'join lower-case words with hyphens'),
        ({'claim': ['crf']}, "'claim' must be text"),
        ({'says': ''}, "'says' must be text"),
        ({'metric': 'IoU'}, "unknown metric 'IoU'. Take one of mIoU, aAcc"),
        ({'metric': ['mIoU']}, "'metric' must be text"),
        ({'metric': 'mIoU_after_crf'}, 'unknown metric'),
        ({'published': None}, "has no key 'source'. Add it."),
        ({'source': 'A book'}, '`source` is for what no number'),
        ({'published': None, 'source': 3}, "'source' must be text"),
        ({'published': 'Table 1'}, "'Table 1' is not a mapping"),
        ({'runs': []}, '`runs` must be a list of pairs of leaves'),
        ({'runs': {'voc': RUN}}, '`runs` must be a list'),
        ({'runs': [{'better': 'm/a_voc'}]}, "has no key 'worse'"),
        ({'runs': [{**RUN, 'best': 'm/a_voc'}]}, "unknown key 'best'"),
        ({'runs': [{**RUN, 'worse': 'm/a_voc'}]}, 'are not two leaves of one'),
        ({'runs': [{**RUN, 'worse': 'm/b_coco'}]}, 'are not two leaves of'),
        ({'runs': [{**RUN, 'worse': 'b_voc'}]}, "'b_voc' is no name of a"),
        ({'runs': [{**RUN, 'worse': 'm/b_voc.py'}]}, "'m/b_voc.py' is no"),
        ({'runs': [{**RUN, 'better': 'm/a'}]}, "'m/a' is no name of a leaf"),
        ({'runs': [{**RUN, 'better': 4}]}, "'better' must be text"),
        (
            {'runs': [RUN, {'better': 'm/e_voc', 'worse': 'm/f_voc'}]},
            'has two pairs for voc. Write a claim for each.',
        ),
    ],
)
def test_refuses_an_entry_naming_file_and_claim(change, message, load):
    entry = {**ENTRY, **change}
    with pytest.raises(UserError) as caught:
        load({'A': [entry]})
    text = str(caught.value)
    assert message in text
    assert f'claims.yml: claim {entry["claim"]!r}: ' in text
    assert '\n' not in text


@pytest.mark.parametrize('key', ['says', 'published', 'runs'])
def test_refuses_an_entry_that_lacks_a_key(key, load):
    entry = {k: v for k, v in ENTRY.items() if k != key}
    with pytest.raises(UserError, match=f'has no key {key!r}'):
        load({'A': [entry]})


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        ({'better': 'DeepLab-CRF-LargFOV'}, "is 'DeepLab-CRF-LargeFOV'."),
        (
            {'better': 'DeepLab-LargeFOV', 'worse': 'DeepLab-CRF-LargeFOV'},
            '62.25 published and .* 67.64. Exchange better and worse',
        ),
        ({'worse': 'DeepLab v2 ResNet-101'}, 'of two papers'),
        ({'metric': 'pixel_acc'}, "'pixel_acc' is not a kind of 'mIoU'"),
    ],
)
def test_refuses_published_numbers_that_do_not_say_so(change, message, load):
    entry = {**ENTRY, 'published': {**ENTRY['published'], **change}}
    with pytest.raises(UserError, match=f"claim 'crf-helps': .*{message}"):
        load({'A': [entry]})


def test_refuses_a_name_twice_also_under_two_papers(load):
    for content in ({'A': [ENTRY, ENTRY]}, {'A': [ENTRY], 'B': [ENTRY]}):
        with pytest.raises(UserError, match="'crf-helps': the name stands tw"):
            load(content)


@pytest.mark.parametrize(
    ('content', 'message'),
    [
        ('', 'claims.yml: write lists of claims, by paper.'),
        ([ENTRY], 'claims.yml: write lists of claims, by paper.'),
        ({'A': ENTRY}, 'claims.yml: write lists of claims, by paper.'),
        ({'A': ['x']}, "claims.yml: A, entry 1: 'x' is not a mapping."),
        (
            {'A': [ENTRY, {k: ENTRY[k] for k in ('says', 'runs')}]},
            "claims.yml: A, entry 2: has no key 'claim'",
        ),
        ('A: [\n', 'claims.yml: not YAML: '),
    ],
)
def test_refuses_what_are_not_claims(content, message, load):
    with pytest.raises(UserError) as caught:
        load(content)
    assert message in str(caught.value)


def test_refuses_a_file_that_is_not_there(tmp_path):
    with pytest.raises(UserError, match=r'cannot be read .*Check the path\.'):
        load_claims(str(tmp_path / 'none.yml'))
