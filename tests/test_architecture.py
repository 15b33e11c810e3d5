"""Imports point one way; the table is the architecture."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1] / 'zoo'
LOOSE = {'errors', 'files', 'photo', 'stack'}  # modules that anyone may use
ALLOWED = {
    'ops': {'errors'},
    'models': {'ops'} | LOOSE,
    'datasets': {'ops'} | LOOSE,
    'evaluation': {'ops'} | LOOSE,
    'engine': {'ops', 'models', 'datasets', 'evaluation'} | LOOSE,
}


def imported(path):
    """Yield the parts of ``zoo`` that a file imports absolutely."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.level == 0:
            names = [node.module]
            if node.module == 'zoo':
                names = [f'zoo.{alias.name}' for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        for name in names:
            if name.startswith('zoo.'):
                yield name.split('.')[1]


def modules(path):
    """Yield the top-level packages that a file imports."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def test_every_part_has_a_rule():
    parts = {p.parent.name for p in ROOT.glob('*/__init__.py')}
    assert parts == set(ALLOWED)


@pytest.mark.parametrize('part', sorted(ALLOWED))
def test_part_imports_only_what_lies_below_it(part):
    files = list((ROOT / part).rglob('*.py'))
    assert files
    for path in files:
        extra = set(imported(path)) - ALLOWED[part] - {part}
        assert not extra, f'{path} imports {sorted(extra)}'


def test_ops_stand_without_mmseg():
    for path in (ROOT / 'ops').rglob('*.py'):
        tops = {name.split('.')[0] for name in modules(path)}
        assert not {top for top in tops if top.startswith('mm')}, path


def test_nothing_needs_compiled_operators_or_other_toolboxes():
    for path in ROOT.rglob('*.py'):
        for name in modules(path):
            assert not name.startswith('mmcv.ops'), path
            assert name.split('.')[0] not in ('mmdet', 'mmpretrain'), path


def test_no_file_is_too_long():
    for path in ROOT.rglob('*.py'):
        assert len(path.read_text().splitlines()) <= 400, path


def test_import_zoo_loads_nothing_heavy():
    heavy = "{'torch', 'numpy', 'mmengine'}"
    code = f'import sys, zoo; assert not {heavy} & set(sys.modules)'
    subprocess.run([sys.executable, '-c', code], check=True)


def test_importing_the_stack_is_silent():
    code = 'import zoo.models, zoo.datasets, zoo.evaluation, zoo.engine'
    done = subprocess.run(
        [sys.executable, '-c', code],
        check=True,
        capture_output=True,
        text=True,
    )
    assert (done.stdout, done.stderr) == ('', '')
