"""MATLAB files: matrices of whole numbers, nested as MATLAB nests them."""

import numpy as np
import pytest
from releases import cell, mat

from zoo.datasets.mat_files import load_numbers
from zoo.errors import UserError


def test_a_variable_or_a_field_of_nested_structs():
    numbers = np.array([[0.0, 894.0]])
    for content, path in (
        (mat(S=numbers), ['S']),
        (mat(S=numbers.astype(np.uint16)), ['S']),
        (mat(S={'a': {'b': numbers}}), ['S', 'a', 'b']),
        (mat(S=cell({'a': numbers})), ['S', 'a']),
        (mat(S=cell(numbers)), ['S']),
    ):
        read = load_numbers(content, 'x.mat', *path)
        assert read.dtype == np.int64
        assert read.tolist() == [[0, 894]]


@pytest.mark.parametrize(
    ('content', 'message'),
    [
        (b'', r'^x\.mat: cannot be read as a MATLAB file \(.+\)\. Download'),
        (b'MATLAB 7.3 MAT-file'.ljust(124) + b'\x00\x02IM', 'cannot be read'),
        (mat(b=1), r'^x\.mat: has no S\.a\. Download it again\.$'),
        (mat(S=1), r'^x\.mat: has no S\.a\.'),
        (mat(S={'b': 1}), r'^x\.mat: has no S\.a\.'),
        (mat(S=cell({'a': 1}, {'a': 2})), r'^x\.mat: has no S\.a\.'),
        (mat(S={'a': 'text'}), r'^x\.mat: S\.a holds no whole numbers\. Dow'),
        (mat(S={'a': 0.5}), r'^x\.mat: S\.a holds no whole numbers\.'),
        (mat(S={'a': -1}), r'^x\.mat: S\.a holds no whole numbers\.'),
        (mat(S={'a': np.nan}), r'^x\.mat: S\.a holds no whole numbers\.'),
        (mat(S={'a': 1j}), r'^x\.mat: S\.a holds no whole numbers\.'),
    ],
)
def test_anything_else_is_named(content, message):
    with pytest.raises(UserError, match=message):
        load_numbers(content, 'x.mat', 'S', 'a')
