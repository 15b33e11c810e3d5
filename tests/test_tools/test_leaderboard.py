"""The command line on a small repository: show, write, check."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from zoo.cli import run
from zoo.evaluation import write_record

TOOL = Path(__file__).parents[2] / 'tools' / 'leaderboard.py'
README = (
    '# Zoo\n\n<!-- results: minivoc start -->\n<!-- results: minivoc end -->\n'
)


def load_tool():
    spec = importlib.util.spec_from_file_location('leaderboard', TOOL)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def record(config, miou):
    return {
        'schema': 1,
        'kind': 'semantic',
        'config': config,
        'config_hash': 'c' * 64,
        'title': 'A leaf.',
        'checkpoint': None,
        'dataset': 'minivoc',
        'split': 'val',
        'images': 1,
        'classes': ['cat'],
        'metrics': {'mIoU': miou, 'aAcc': 1.0, 'mAcc': 2.0},
        'per_class': {'IoU': {'cat': miou}, 'Acc': {'cat': 2.0}},
        'per_image': {'a': [[0, 1, 2, 3]]},
        'parameters': 10,
        'timing': None,
        'training': None,
        'seed': 0,
        'commit': None,
        'dirty': None,
        'versions': {},
        'date': '2026-01-02T03:04:05+00:00',
        'published': [],
        'views': 1,
        'argv': [],
    }


@pytest.fixture
def repository(tmp_path):
    results = tmp_path / 'docs' / 'results' / 'minivoc'
    write_record(results / 'a.json', record('deeplab_crf/vgg16', 61.25))
    write_record(results / 'b.json', record('fcrn/resnet50', 71.5))
    method = tmp_path / 'configs' / 'deeplab_crf'
    method.mkdir(parents=True)
    (method / 'vgg16.py').write_text('# A leaf.\n')
    (method / 'collection.yml').write_text('Name: D\nPaper: {Title: T}\n')
    (method / 'README.md').write_text(
        README.replace('results: minivoc', 'results: minivoc deeplab_crf')
    )
    (tmp_path / 'README.md').write_text(README)
    (tmp_path / 'docs' / 'page.md').write_text('No block here.\n')
    return tmp_path


@pytest.fixture
def leaderboard(repository, capsys):
    """Run the tool; return exit code, output and the lines of stderr."""
    tool = load_tool()

    def call(*arguments):
        argv = ['--root', str(repository), *map(str, arguments)]
        code = run(tool.build_parser(), tool.main, argv)
        out, err = capsys.readouterr()
        return code, out, err.splitlines()

    return call


def test_shows_all_committed_records(leaderboard):
    code, out, err = leaderboard()
    assert (code, err) == (0, [])
    assert out.index('71.50') < out.index('61.25')


def test_shows_the_records_named(leaderboard, repository):
    path = repository / 'docs' / 'results' / 'minivoc' / 'b.json'
    code, out, _ = leaderboard(path, '--format', 'csv')
    assert code == 0
    assert 'measured,fcrn/resnet50,minivoc,val,mIoU,71.5,,0,' in out
    assert 'deeplab_crf' not in out


def test_names_a_malformed_record_and_shows_the_rest(leaderboard, repository):
    bad = repository / 'docs' / 'results' / 'minivoc' / 'c.json'
    bad.write_text('{"schema": 1')
    code, out, err = leaderboard('--format', 'md')
    assert code == 2
    assert '61.25' in out
    assert len(err) == 1
    assert f'{bad}: not a run record' in err[0]


def test_write_then_check_then_drift(leaderboard, repository):
    code, _, err = leaderboard('--check')
    assert code == 2
    names = ['README.md', 'deeplab_crf/README.md', 'deeplab_crf/metafile.yml']
    assert len(err) == 3
    for line, name in zip(err, names, strict=True):
        assert name in line

    code, out, _ = leaderboard('--write')
    assert (code, out.count('wrote')) == (0, 3)
    top = (repository / 'README.md').read_text()
    assert '61.25' in top
    assert '71.50' in top
    method = (repository / 'configs/deeplab_crf/README.md').read_text()
    assert '61.25' in method
    assert '71.50' not in method
    metafile = repository / 'configs/deeplab_crf/metafile.yml'
    assert 'mIoU: 61.25' in metafile.read_text()

    assert leaderboard('--check') == (0, '', [])
    assert leaderboard('--write') == (0, '', [])

    metafile.write_text(metafile.read_text().replace('61.25', '99.99'))
    code, _, err = leaderboard('--check')
    assert code == 2
    assert len(err) == 1
    assert 'metafile.yml: differs from docs/results' in err[0]


def test_only_the_files_named_are_written(leaderboard, repository):
    code, out, _ = leaderboard('--write', repository / 'README.md')
    assert (code, out) == (0, f'wrote {repository / "README.md"}\n')
    assert leaderboard('--check', repository / 'README.md')[0] == 0
    assert leaderboard('--check')[0] == 2


def test_one_bad_file_does_not_keep_the_others_from_being_written(
    leaderboard, repository
):
    bad = repository / 'docs' / 'page.md'
    bad.write_text(README.replace('minivoc', 'minicov'))
    code, out, err = leaderboard('--write')
    assert (code, out.count('wrote')) == (2, 3)
    assert err == [
        f"error: {bad}: results block 'minicov': no record in "
        'docs/results/minicov. Correct the name or add one.'
    ]


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        (['a.json', '--check'], 'a.json: --write and --check take no RECORD'),
        (['missing.json'], 'missing.json: cannot be read'),
        (['--check', 'missing.md'], 'missing.md: cannot be read'),
    ],
)
def test_refuses_in_one_line(arguments, message, leaderboard):
    code, _, err = leaderboard(*arguments)
    assert code == 2
    assert len(err) == 1
    assert message in err[0]


def test_says_where_records_come_from_when_there_are_none(
    leaderboard, repository
):
    for path in repository.glob('docs/results/*/*.json'):
        path.unlink()
    code, _, err = leaderboard()
    assert code == 2
    assert 'Name one that tools/test.py wrote.' in err[0]


def test_help_runs_as_a_command():
    answer = subprocess.run(
        [sys.executable, str(TOOL), '--help'],
        capture_output=True,
        text=True,
        check=True,
    )
    assert '--check' in answer.stdout
    assert answer.stderr == ''
