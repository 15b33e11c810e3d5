"""Lists of names: their lines, and why a file that one names is not there."""

from glob import escape
from pathlib import Path

from zoo.errors import UserError

_SUFFIXES = ('.jpg', '.jpeg', '.png', '.bmp', '.mat')


def read_lines(path: Path) -> list[str]:
    """Return the lines of a list.

    Raises:
        UserError: If it cannot be read or is not text.
    """
    try:
        return path.read_text(encoding='utf-8').splitlines()
    except UnicodeDecodeError as error:
        raise UserError(
            f'{path}: is not UTF-8 text. Get the list again, or write it as '
            'plain text, one name a line.'
        ) from error
    except OSError as error:
        raise UserError(
            f'{path}: cannot be read ({error.strerror or error}). Correct '
            'its permissions, or get the list again.'
        ) from error


def why_absent(path: Path) -> str | None:
    """Return a remedy where the name itself tells what happened.

    Args:
        path: That a list leads to; there is no such file.
    """
    name = path.name
    if name.startswith('.'):
        return 'Take the empty line out of the list'
    if name.startswith('\ufeff'):
        return (
            'Save the list as UTF-8 without a byte order mark, which now '
            'belongs to its first name'
        )
    if Path(path.stem).suffix in _SUFFIXES:
        return (
            'Take the suffixes out of the list: it holds names such as '
            f'{Path(path.stem).stem}'
        )
    others = path.parent.glob(f'{escape(path.stem)}.*')
    other = next((x.name for x in others if x.suffix != path.suffix), None)
    return other and f'There is {other}: convert it, or rename its suffix'
