"""YAML that people write: read strictly, refused in one line."""

import difflib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

from zoo.errors import UserError


def read_yaml(path: Path, remedy: str) -> Any:
    """Read a YAML file.

    Args:
        path: The file.
        remedy: What to do if it cannot be read, as a sentence.

    Raises:
        UserError: If the file cannot be read, is not YAML, or has a key twice
            in one mapping, of which YAML would keep the last alone.
    """
    try:
        text = path.read_text(encoding='utf-8')
        return yaml.load(text, Loader=_StrictLoader)
    except OSError as error:
        raise UserError(
            f'{path}: cannot be read ({error.strerror}). {remedy}'
        ) from error
    except (ValueError, RecursionError, yaml.YAMLError) as error:
        line = ' '.join(str(error).split())
        raise UserError(f'{path}: not YAML: {line}. Correct it.') from error


def check_keys(
    entry: Any, required: Iterable[str], optional: Iterable[str] = ()
) -> None:
    """Refuse anything but a mapping with these keys.

    Raises:
        ValueError: Naming the key that is unknown or missing.
    """
    if not isinstance(entry, dict):
        raise ValueError(
            f'{entry!r} is not a mapping. Write {", ".join(required)} there.'
        )
    known = [*required, *optional]
    for key in entry:
        if key not in known:
            raise ValueError(f'unknown key {key!r}. {_instead(key, known)}')
    for key in required:
        if key not in entry:
            raise ValueError(f'has no key {key!r}. Add it.')


def text_of(entry: dict, key: str) -> str:
    """Return what stands under a key, which must be text.

    Raises:
        ValueError: Naming the key, if it is not.
    """
    value = entry[key]
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f'{key!r} must be text, got {value!r}. Correct it.')
    return value


def _instead(key: Any, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(str(key), known, 1)
    return f'Did you mean {near[0]!r}?' if near else 'Delete it.'


class _StrictLoader(yaml.SafeLoader):
    """Refuses a key that stands twice in a mapping."""

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        seen = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen:
                    raise yaml.constructor.ConstructorError(
                        problem=f'the key {key.value!r} stands twice',
                        problem_mark=key.start_mark,
                    )
                seen.add(key.value)
        return super().construct_mapping(node, deep)
