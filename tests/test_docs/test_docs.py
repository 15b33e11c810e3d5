"""What the pages say holds: links, commands, Python blocks."""

import doctest
import importlib.util
import re
import shlex
import textwrap
import warnings
from functools import cache
from pathlib import Path

import pytest
from support import ROOT

from zoo.datasets.catalogue import CATALOGUE

PATTERNS = (
    'README.md',
    'CONTRIBUTING.md',
    'docs/**/*.md',
    'configs/*/README.md',
)
PAGES = sorted({path for p in PATTERNS for path in ROOT.glob(p)})
each_page = pytest.mark.parametrize(
    'page', PAGES, ids=lambda p: p.relative_to(ROOT).as_posix()
)
FENCE = re.compile(r'^( *)```(\w*)\n(.*?)^\1```', re.M | re.S)
LINK = re.compile(r'\]\(([^)\s]+)\)')
ASSIGNMENT = re.compile(r'[A-Z_]+=\S*')
PLACEHOLDER = re.compile(r'[A-Z][A-Z_]*')
MAKERS = ('build_parser', 'build_parser')


def fences(text, *languages):
    """Return the fenced blocks in one of the languages."""
    found = FENCE.findall(text)
    return [textwrap.dedent(b) for _, name, b in found if name in languages]


def prose(text):
    """Return the text without its fenced blocks."""
    return FENCE.sub('', text)


def snippets(text):
    """Return what looks like code that is typed: lines and inline spans."""
    lines = '\n'.join(fences(text, 'bash', 'sh', 'console', ''))
    indented = re.findall(r'^ {4,}(\S.*)$', prose(text), re.M)
    spans = re.findall(r'`([^`]+)`', prose(text))
    lines = lines.replace('\\\n', ' ').splitlines()
    return [' '.join(code.split()) for code in (*lines, *indented, *spans)]


def anchors(text):
    """Return the names that GitHub gives to the headings."""
    headings = re.findall(r'^#+ (.+)$', prose(text), re.M)
    plain = (re.sub(r'[^\w\- ]', '', h.lower()) for h in headings)
    return {heading.replace(' ', '-') for heading in plain}


def link_problems(text, page):
    """Return the relative links that lead nowhere."""
    wrong = []
    for link in LINK.findall(prose(text)):
        if re.match(r'[a-z]+:', link):
            continue
        name, _, anchor = link.partition('#')
        target = (page.parent / name).resolve() if name else page
        if not target.exists():
            wrong.append(link)
        elif anchor and target.suffix == '.md':
            other = text if target == page else target.read_text()
            wrong += [link] * (anchor not in anchors(other))
    return wrong


@cache
def parser_of(tool):
    """Return the parser of ``tools/<tool>``."""
    path = ROOT / 'tools' / tool
    spec = importlib.util.spec_from_file_location(f'tool_{path.stem}', path)
    module = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        # as Python does for a script, which imports what lies beside it
        patch.syspath_prepend(path.parent)
        spec.loader.exec_module(module)
    makers = [getattr(module, name, None) for name in MAKERS]
    parser = next(maker for maker in makers if maker)()
    parser.add_argument('--debug', action='store_true')  # by zoo.cli.run
    return parser


def tool_problem(words):
    """Return what is wrong with ``python tools/X.py ...``, or ``None``."""
    tool = words[0].removeprefix('tools/')
    if not (ROOT / 'tools' / tool).is_file():
        return f'no tool {tool}'
    if tool == 'preflight.py':
        return None
    args = ['0' if PLACEHOLDER.fullmatch(word) else word for word in words[1:]]
    try:
        parsed = parser_of(tool).parse_args(args)
    except SystemExit as end:  # code 0: --help
        return 'refused by the parser' if end.code else None
    return path_problem(words) or options_problem(parsed)


def path_problem(words):
    """Return the first config or example that does not exist."""
    paths = [word.split('=')[0] for word in words]
    ours = [p for p in paths if p.startswith(('configs/', 'docs/examples/'))]
    lost = [path for path in ours if not (ROOT / path).exists()]
    return f'no file {lost[0]}' if lost else None


def options_problem(args):
    """Return the first ``--cfg-options`` key that its config has not."""
    from mmengine.config import Config

    config = getattr(args, 'config', '')
    if not config.startswith('configs/'):
        return None
    content = Config.fromfile(ROOT / config)
    keys = [
        option.split('=')[0] for option in getattr(args, 'cfg_options', ())
    ]
    lost = [key for key in keys if '.' in key and not has_key(content, key)]
    return f'{config} has no {lost[0]}' if lost else None


def has_key(node, key):
    """Tell whether ``a.b.0.c`` leads somewhere."""
    try:
        for part in key.split('.'):
            node = node[int(part)] if part.isdigit() else node[part]
    except (KeyError, IndexError, TypeError):
        return False
    return True


def make_problems(words):
    """Return the targets of ``make ...`` that the Makefile lacks."""
    makefile = (ROOT / 'Makefile').read_text()
    targets = re.findall(r'^([a-z][\w-]*):', makefile, re.M)
    wanted = [w for w in words if not ASSIGNMENT.fullmatch(w) and w != '...']
    return [f'no target {w}' for w in wanted if w not in targets]


def command_problems(text):
    """Return ``(command, problem)`` pairs and the number of commands."""
    wrong, count = [], 0
    for code in snippets(text):
        if not re.match(r'(\S+=\S+ |\$ )*(\S*python3? tools/|make )', code):
            continue
        words = shlex.split(code, comments=True)
        while words[0] == '$' or ASSIGNMENT.fullmatch(words[0]):
            words.pop(0)
        count += 1
        if words[0] == 'make':
            problems = make_problems(words[1:])
        else:
            problems = [tool_problem(words[1:])]
        wrong += [(code, problem) for problem in problems if problem]
    return wrong, count


def test_there_are_pages_and_commands():
    assert len(PAGES) >= 12
    counts = {p.name: command_problems(p.read_text())[1] for p in PAGES}
    assert counts['first_run.md'] >= 15
    assert counts['install.md'] >= 5
    assert counts['voc.md'] >= 2  # indented, in a list


@each_page
def test_relative_links_lead_somewhere(page):
    assert not link_problems(page.read_text(), page)


@each_page
def test_commands_exist_and_accept_their_options(page):
    assert not command_problems(page.read_text())[0]


@each_page
def test_tools_and_configs_that_are_named_exist(page):
    for code in snippets(page.read_text()):
        match = re.fullmatch(
            r'((configs|docs|tests|tools|zoo)/[\w./-]+)', code
        )
        if match and not (ROOT / match[1]).exists():
            pytest.fail(f'no {match[1]}')


@each_page
def test_python_blocks_compile(page):
    for block in fences(page.read_text(), 'python', 'py'):
        if not block.lstrip().startswith('>>>'):
            compile(block, page.name, 'exec')


@each_page
def test_sessions_print_what_they_show(page):
    """Blocks of the language ``pycon`` share one session per page."""
    text = '\n'.join(fences(page.read_text(), 'pycon'))
    session = doctest.DocTestParser().get_doctest(
        text, {}, page.name, str(page), 0
    )
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')  # some pages show what warns
        result = doctest.DocTestRunner().run(session)
    assert not result.failed


@each_page
def test_page_is_found_from_the_index(page):
    index = ROOT / 'docs' / 'README.md'
    if page.parent not in (index.parent, index.parent / 'datasets'):
        return
    links = LINK.findall(index.read_text())
    found = {(index.parent / link).resolve() for link in links}
    assert page in found | {index}


@pytest.mark.parametrize(
    ('page', 'files'),
    [
        (
            'add_a_head.md',
            ['my_head/my_head.py', 'my_head/my_leaf_minivoc.py'],
        ),
        (
            'your_own_data.md',
            ['my_data/vgg16_mine.py', 'my_data/my_dataset.py'],
        ),
    ],
)
def test_page_shows_the_files_of_its_example(page, files):
    text = (ROOT / 'docs' / page).read_text()
    shown = fences(text, 'python')
    assert shown == [(ROOT / 'docs/examples' / f).read_text() for f in files]
    for file in files:
        assert (
            f'`{Path(file).name}`:' in text or f'`{Path(file).name}`.' in text
        )


@pytest.mark.parametrize(
    ('text', 'problem'),
    [
        ('`make tset`', 'no target tset'),
        ('```bash\nmake PYTHON=python3 tset\n```', 'no target tset'),
        ('```bash\npython tools/trian.py CONFIG\n```', 'no tool trian.py'),
        ('    python tools/train.py CONFIG --sead 1', 'refused'),
        ('`python tools/train.py configs/a/b.py`', 'no file configs/a/b.py'),
        ('`python tools/data.py chekc voc`', 'refused'),
        (
            'Write `python tools/train.py\nCONFIG --seed\nx`.',
            'refused',
        ),
        (
            '```bash\nA=1 python tools/train.py \\\n'
            '    configs/deeplab_crf/vgg16_minivoc.py \\\n'
            '    --cfg-options model.decode_head.kernel_sise=3\n```',
            'has no model.decode_head.kernel_sise',
        ),
    ],
)
def test_a_wrong_command_is_seen(text, problem, capsys):
    ((_, found),), count = command_problems(text)
    assert count == 1
    assert problem in found


def test_a_wrong_link_is_seen():
    page = ROOT / 'docs' / 'README.md'
    text = (
        '# A `b`: c\n[1](no.md) [2](install.md) [3](install.md#no) [4](#a-b-c)'
        ' [5](#no) [6](https://a.org/no.md)\n```text\n[7](no.md)\n```\n'
    )
    assert link_problems(text, page) == ['no.md', 'install.md#no', '#no']


@pytest.mark.parametrize('name', CATALOGUE)
def test_page_of_a_data_set_has_its_commands(name):
    entry = CATALOGUE[name]
    text = (ROOT / 'docs' / entry.page).read_text()
    assert f'python tools/data.py check {name}' in text
    if entry.archives:
        assert f'python tools/data.py prepare {name}' in text
        for archive in entry.archives:
            assert archive.file in text
    if name not in ('minivoc', 'own'):
        table = (ROOT / 'docs/datasets/README.md').read_text()
        assert f'`{name}`' in table
        assert f'({Path(entry.page).name})' in table
        assert f'| `{entry.root}`' in text
