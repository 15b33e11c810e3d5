"""The command line on a small repository: show, write, check."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest
from html_tree import parse
from support import ROOT

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


def test_a_page_holds_all_records(leaderboard):
    code, out, err = leaderboard('--format', 'html')
    assert (code, err) == (0, [])
    page = parse(out)
    rows = [tr['data-row'] for tr in page.all('tr') if tr.get('data-row')]
    assert rows == ['fcrn/resnet50', 'deeplab_crf/vgg16']


@pytest.mark.parametrize('format', ['table', 'md', 'csv', 'html'])
def test_every_format_can_be_written(format, leaderboard, tmp_path):
    path = tmp_path / 'new' / 'file'
    expected = leaderboard('--format', format)[1]
    assert leaderboard('--format', format, '--out', path) == (0, '', [])
    assert path.read_text() == expected


def test_a_page_shows_saved_masks(leaderboard, repository, mini_root):
    leaf = 'deeplab_crf/vgg16_minivoc'
    for source in (mini_root / 'SegmentationClass').glob('val*.png'):
        target = repository / 'masks' / leaf / source.name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(source.read_bytes())
    code, out, err = leaderboard(
        *(repository / 'docs/results/minivoc/b.json', '--root', ROOT),
        *('--format', 'html', '--masks', repository / 'masks'),
        *('--images', '2', '--data-root', mini_root),
    )
    assert (code, err) == (0, [])
    figures = parse(out).all('figure', data_method=leaf)
    captions = [figure.one('figcaption').text for figure in figures]
    assert captions == [f'{leaf}: 0.0 % wrong'] * 2


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
    names = [
        'README.md',
        'deeplab_crf/README.md',
        'deeplab_crf/metafile.yml',
        'docs/images/leaderboard_minivoc.svg',
    ]
    assert len(err) == 4
    for line, name in zip(err, names, strict=True):
        assert name in line

    code, out, _ = leaderboard('--write')
    assert (code, out.count('wrote')) == (0, 4)
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


def test_pictures_follow_the_records(leaderboard, repository):
    leaderboard('--write')
    picture = repository / 'docs' / 'images' / 'leaderboard_minivoc.svg'
    assert '71.50' in picture.read_text()
    better = repository / 'docs' / 'results' / 'minivoc' / 'b.json'
    write_record(better, record('fcrn/resnet50', 81.5))
    code, _, err = leaderboard('--check', picture)
    assert (code, len(err)) == (2, 1)
    assert f'{picture}: differs from docs/results' in err[0]
    leaderboard('--write', picture)
    assert '81.50' in picture.read_text()
    gone = picture.with_name('leaderboard_gone.svg')
    gone.write_text('')
    code, _, err = leaderboard('--write')
    assert (code, len(err)) == (2, 1)
    assert f'{gone}: no record in docs/results' in err[0]


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
    assert (code, out.count('wrote')) == (2, 4)
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
        (['--out', 'x', '--write'], '--out x: has no effect with --write'),
        (['--out', 'x', '--check'], '--out x: has no effect with --write'),
        (['--masks', 'x'], '--masks x: only the page shows them. Add --form'),
        (
            ['--masks', 'x', '--format', 'html', '--check'],
            '--masks x: only the page shows them',
        ),
        (['--format', 'html', '--images', '3'], 'Add --masks DIR'),
        (['--format', 'html', '--data-root', 'x'], 'Add --masks DIR'),
        (
            ['--format', 'html', '--masks', 'no-masks'],
            'no-masks: no label maps here',
        ),
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


@pytest.mark.parametrize('format', ['table', 'md', 'csv'])
def test_a_ladder_has_the_methods_named_in_their_order(format, leaderboard):
    leaves = ('fcrn/resnet50', 'deeplab_crf/vgg16')
    code, out, err = leaderboard('--ladder', *leaves, '--format', format)
    assert (code, err) == (0, [])
    assert out.index(leaves[0]) < out.index(leaves[1])
    assert '-10.25' in out
    assert '0.00 .. 0.00' in out  # of their counts, which are the same
    assert 'undecided' in out


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        (['--ladder', 'a/b'], 'a/b: there is no record of it for the ladder'),
        (['--ladder', 'fcrn/resnet50'], 'a ladder needs two methods'),
        (['--ladder', 'a/b', '--check'], '--ladder a/b: is a table of its'),
        (['--ladder', 'a/b', '--format', 'html'], '--ladder a/b: is a table'),
    ],
)
def test_a_ladder_that_cannot_be_is_one_line(arguments, message, leaderboard):
    code, out, err = leaderboard(*arguments)
    assert (code, out, len(err)) == (2, '', 1)
    assert message in err[0]


@pytest.mark.parametrize('format', ['table', 'md', 'csv', 'html'])
def test_no_format_waits_for_torch(format, repository):
    code = (
        'import runpy, sys\n'
        f'sys.argv[1:] = ["--root", {str(repository)!r}, "--format", '
        f'{format!r}]\n'
        'try:\n'
        f'    runpy.run_path({str(TOOL)!r}, run_name="__main__")\n'
        'except SystemExit as end:\n'
        '    assert not end.code\n'
        'assert "torch" not in sys.modules\n'
    )
    done = subprocess.run(
        [sys.executable, '-c', code],
        capture_output=True,
        text=True,
        check=True,
    )
    assert '71.50' in done.stdout or '71.5,' in done.stdout


def test_help_runs_as_a_command():
    answer = subprocess.run(
        [sys.executable, str(TOOL), '--help'],
        capture_output=True,
        text=True,
        check=True,
    )
    assert '--check' in answer.stdout
    assert answer.stderr == ''
