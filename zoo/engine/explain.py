"""Turn an error about a config into one line that names the key."""

import inspect
import re
from collections.abc import Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from typing import Any

from mmengine.config import Config
from mmengine.registry import (
    Registry,
    build_from_cfg,
    build_runner_from_cfg,
)
from mmseg import registry

from zoo.errors import UserError

UNKNOWN_TYPE = re.compile(r'(\S+) is not in the \S+ registry')
BAD_KEYWORD = re.compile(r"unexpected keyword argument '(\w+)'")
BUILDERS = (build_from_cfg.__code__, build_runner_from_cfg.__code__)
CAUSES = (AssertionError, KeyError, OSError, TypeError, ValueError)


@contextmanager
def explained(config: Config, path: Any) -> Iterator[None]:
    """Raise ``UserError`` in place of an error that a config has caused.

    Only errors of building a registered class are translated; any other is a
    bug and passes. ``--debug`` shows the original underneath.
    """
    try:
        yield
    except CAUSES as error:
        line = explain(error, config)
        if line is None:
            raise
        raise UserError(f'{path}: {line}') from error


def require_optimizer(config: Config, path: Any) -> None:
    """Refuse an optimiser that is not registered.

    mmengine looks it up without checking what it found.
    """
    wrapper = config.get('optim_wrapper') or {}
    name = wrapper.get('optimizer', {}).get('type')
    if isinstance(name, str) and registry.OPTIMIZERS.get(name) is None:
        raise UserError(
            f'{path}: optim_wrapper.optimizer.type {name!r} is not '
            f'registered{_similar_type(name)}'
        )


def explain(error: Exception, config: Any) -> str | None:
    """Return one line, or ``None`` if the config is not to blame."""
    name = _class_being_built(error)
    if name is None:
        return None
    text = ' '.join(str(error).split())
    if match := UNKNOWN_TYPE.search(text):
        name = match[1].strip('\'"')
        place = _place(config, 'type', name)
        return f'{place} {name!r} is not registered{_similar_type(name)}'
    if match := BAD_KEYWORD.search(text):
        key = match[1]
        place = _place(config, key, None, owner=name)
        return f'{place}: {name} has no such option{_option(name, key)}'
    return f'{_place(config, "type", name)} {name}: {text}'


def _class_being_built(error: Exception) -> str | None:
    """Return the type that mmengine's registry was building, innermost."""
    name, trace = None, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code in BUILDERS:
            args = trace.tb_frame.f_locals.get('cfg') or {}
            name = args.get('type', args.get('runner_type', name))
            name = getattr(name, '__name__', name)
        trace = trace.tb_next
    return name


def _walk(node: Any, path: str = '') -> Iterator[tuple[str, Any]]:
    if isinstance(node, dict):
        yield path, node
        for key, value in node.items():
            yield from _walk(value, f'{path}.{key}' if path else key)
    elif isinstance(node, list | tuple):
        for index, value in enumerate(node):
            yield from _walk(value, f'{path}[{index}]')


def _place(
    config: Any, key: str, value: Any, *, owner: str | None = None
) -> str:
    """Return the path of a key with a value, or of a class's own key."""
    content = config.to_dict() if isinstance(config, Config) else config
    for path, node in _walk(content):
        is_owner = owner is None or node.get('type') == owner
        if key in node and is_owner and (value is None or node[key] == value):
            return f'{path}.{key}' if path else key
    return key


def _registered() -> dict[str, Any]:
    found: dict[str, Any] = {}
    for item in vars(registry).values():
        while isinstance(item, Registry):  # mmengine's are the parents
            found.update(item.module_dict)
            item = item.parent
    return found


def _similar_type(name: str) -> str:
    close = get_close_matches(name, _registered(), n=1)
    hint = f'. Did you mean {close[0]!r}?' if close else ''
    return hint or (
        '. If it is yours, name its module in custom_imports of the config'
    )


def _option(name: str, key: str) -> str:
    known = _registered().get(name)
    if known is None:
        return ''
    options = [
        option
        for base in inspect.getmro(known)
        if '__init__' in vars(base)
        for option in inspect.signature(vars(base)['__init__']).parameters
    ]
    close = get_close_matches(key, options, n=1)
    return f'. Did you mean {close[0]!r}?' if close else ''
