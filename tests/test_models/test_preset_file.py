"""Presets in files."""

import json

import pytest

from zoo.errors import UserError
from zoo.models.post_processors import DenseCRF
from zoo.models.post_processors.preset_file import KERNELS, read_preset

GOOD = dict(zip(KERNELS, (4.5, 17.5, 6, 1.0, 3.0), strict=True))


def write(folder, content):
    path = folder / 'preset.json'
    text = content if isinstance(content, str) else json.dumps(content)
    path.write_text(text)
    return str(path)


def test_a_leaf_uses_the_numbers_of_a_file(tmp_path):
    path = write(tmp_path, {**GOOD, 'found': {'config': 'x'}})
    found = DenseCRF(preset=path).options
    assert {name: found[name] for name in KERNELS} == GOOD
    assert found['iterations'] == 10


def test_an_argument_overrides_the_file_alone(tmp_path):
    path = write(tmp_path, GOOD)
    found = DenseCRF(preset=path, gaussian_weight=0.0).options
    assert found['gaussian_weight'] == 0
    assert found['bilateral_xy_std'] == 17.5


def without(*names):
    return {k: v for k, v in GOOD.items() if k not in names}


@pytest.mark.parametrize(
    ('content', 'message'),
    [
        (without('gaussian_weight'), 'lacks gaussian_weight. Write it'),
        (without(*KERNELS), f'lacks {", ".join(KERNELS)}'),
        ({**GOOD, 'weight': 1, 'x': 2}, 'has unknown keys: weight, x. '),
        ({**without('gaussian_xy_std'), 'x': 1}, 'lacks .*, has unknown'),
        ({**GOOD, 'bilateral_weight': '5'}, "bilateral_weight is '5', not a"),
        ({**GOOD, 'bilateral_weight': True}, 'is True, not a number'),
        ({**GOOD, 'bilateral_weight': None}, 'is None, not a number'),
        ({**GOOD, 'bilateral_weight': float('nan')}, 'is nan, not a number'),
        ([1], 'is not a JSON object'),
        ('{"bil', 'is not JSON'),
        ('', 'is not JSON'),
    ],
)
def test_what_is_wrong_is_one_line(tmp_path, content, message):
    path = write(tmp_path, content)
    with pytest.raises(UserError, match=message) as caught:
        read_preset(path)
    assert str(caught.value).startswith(f'{path}: ')
    assert '\n' not in str(caught.value)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(UserError, match=r'no.json: no preset can be read'):
        DenseCRF(preset=str(tmp_path / 'no.json'))
    (tmp_path / 'folder.json').mkdir()
    with pytest.raises(UserError, match=r'folder.json: no preset'):
        DenseCRF(preset=str(tmp_path / 'folder.json'))


def test_numbers_out_of_range_are_refused_as_arguments_are(tmp_path):
    path = write(tmp_path, {**GOOD, 'bilateral_xy_std': 0})
    with pytest.raises(ValueError, match='bilateral_xy_std must be'):
        DenseCRF(preset=path)
