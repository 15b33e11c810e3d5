"""Turn a foreign checkpoint into one of plain tensors, or into a DeepLab's.

    python tools/convert.py --trust FILE
    python tools/convert.py FILE --vgg16 largefov --convention torchvision

The first keeps the state dict and what is plain in `meta`. The second writes
VGG-16's ImageNet weights in the shapes and names of a DeepLab, to be given as
`load_from`. See docs/weights.md.
"""

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from zoo.cli import run
from zoo.errors import UserError
from zoo.files import replacing, sha256

# Side of fc6's kernel and filters of fc6 and fc7, by variant.
HEADS = {
    'deeplab': (4, 4096),
    '4x4': (4, 4096),
    '7x7': (7, 4096),
    'largefov': (3, 1024),
}
PLAIN = (str, int, float, bool, type(None))


def build_parser() -> argparse.ArgumentParser:
    """Return the parser; needs no torch, so that ``--help`` is fast."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument('file', type=Path, metavar='FILE')
    parser.add_argument(
        '--out',
        type=Path,
        help='what to write; FILE-plain.pth or FILE-HEAD.pth by default',
    )
    parser.add_argument(
        '--force', action='store_true', help='replace --out if it exists'
    )
    parser.add_argument(
        '--trust',
        action='store_true',
        help='unpickle FILE if it needs that, which RUNS CODE FROM THE FILE',
    )
    vgg = parser.add_argument_group('VGG-16 on ImageNet')
    vgg.add_argument(
        '--vgg16', metavar='HEAD', choices=HEADS, help=' | '.join(HEADS)
    )
    vgg.add_argument(
        '--convention',
        choices=('caffe', 'torchvision'),
        help='input that FILE expects; its numbers cannot tell',
    )
    vgg.add_argument(
        '--seed', type=int, help='of the filters kept (default 0)'
    )
    return parser


def main(args: argparse.Namespace) -> None:
    """Convert; print what was dropped, and the output's SHA-256."""
    out = check(args)
    checkpoint = load(args.file, trust=args.trust)
    state, meta, dropped = split(checkpoint)
    if not state:
        raise UserError(
            f'{args.file}: no tensors found in it. Give a file that holds a '
            'state dict'
        )
    if args.vgg16:
        state = deeplab_state(state, args)
        meta = {
            'vgg16': args.vgg16,
            'convention': args.convention,
            'seed': args.seed or 0,
        }
    elif dropped:
        print(f'dropped: {", ".join(dropped)}')
    save(state, meta, out)
    print(f'wrote {out}: {len(state)} tensors')
    print(f'sha256 {sha256(out)}')


def check(args: argparse.Namespace) -> Path:
    """Refuse what cannot work before anything is read; return the output."""
    if args.vgg16 and not args.convention:
        raise UserError(
            '--vgg16 needs --convention: caffe for a converted Caffe model, '
            'torchvision for one trained by torchvision'
        )
    if not args.vgg16 and (args.convention or args.seed is not None):
        raise UserError('--convention and --seed need --vgg16 HEAD')
    if not args.file.is_file():
        raise UserError(f'{args.file}: no such file. Give a checkpoint')
    ending = f'-{args.vgg16 or "plain"}.pth'
    out = args.out or args.file.with_name(args.file.stem + ending)
    if out.exists() and out.samefile(args.file):
        raise UserError(f'{out}: is the input. Give another --out')
    if out.is_dir():
        raise UserError(f'{out}: is a folder. Give a file as --out')
    if out.exists() and not args.force:
        raise UserError(f'{out}: exists. Give another --out, or --force')
    return out


def load(path: Path, *, trust: bool) -> Any:
    """Load tensors and plain data; unpickle anything else only if trusted."""
    import torch

    try:
        return torch.load(path, map_location='cpu', weights_only=True)
    except Exception as error:  # torch raises many kinds
        if not trust:
            raise UserError(
                f'{path}: not a file of plain tensors, or damaged. If you '
                'trust whoever made it: tools/convert.py --trust FILE, '
                'which runs code from the file'
            ) from error
    print(
        f'WARNING: --trust: unpickling {path}. THIS RUNS CODE FROM THE FILE.',
        file=sys.stderr,
        flush=True,
    )
    try:
        return torch.load(path, map_location='cpu', weights_only=False)
    except Exception as error:  # whatever the file's own code raises
        reason = ' '.join(f'{type(error).__name__}: {error}'.split())
        raise UserError(
            f'{path}: cannot be unpickled ({reason}). Install what it names, '
            'or get the file again'
        ) from error


def split(checkpoint: Any) -> tuple[dict[str, Any], dict, list[str]]:
    """Return the state dict, the plain part of ``meta``, and what is lost.

    The state dict is that of a module, the entry ``state_dict`` or ``model``
    of a dict, or the dict itself.
    """
    dropped: list[str] = []
    source, meta = checkpoint, {}
    if isinstance(checkpoint, Mapping):
        key = next((k for k in ('state_dict', 'model') if k in checkpoint), '')
        if key:
            source = checkpoint[key]
            found = {'meta': checkpoint.get('meta', {})}
            meta = plain_part(found, '', dropped).get('meta', {})
            dropped += [str(k) for k in checkpoint if k not in (key, 'meta')]
    if hasattr(source, 'state_dict'):
        source = source.state_dict()
    if not isinstance(source, Mapping):
        return {}, {}, dropped
    return tensors_of(source, dropped), meta, dropped


def tensors_of(source: Mapping, dropped: list[str]) -> dict[str, Any]:
    """Return the dense tensors of a state dict; arrays become tensors."""
    import numpy as np
    import torch

    state = {}
    for key, value in source.items():
        if isinstance(value, np.ndarray) and value.dtype.kind in 'biuf':
            value = torch.from_numpy(value)
        if isinstance(value, torch.Tensor) and value.layout is torch.strided:
            state[str(key)] = value
        else:
            dropped.append(f'{key} ({type(value).__name__})')
    return state


def plain_part(source: Mapping, path: str, dropped: list[str]) -> dict:
    """Copy what is made of plain Python data; note the rest by its path."""
    kept: dict[str, Any] = {}
    for key, value in source.items():
        if isinstance(value, Mapping):
            kept[str(key)] = plain_part(value, f'{path}{key}.', dropped)
        elif is_plain(value):
            kept[str(key)] = value
        else:
            dropped.append(f'{path}{key} ({type(value).__name__})')
    return kept


def is_plain(value: Any) -> bool:
    """Say whether a value is built of Python's own types alone."""
    if type(value) is dict:
        return all(is_plain(v) for pair in value.items() for v in pair)
    if type(value) in (list, tuple):
        return all(is_plain(v) for v in value)
    return type(value) in PLAIN


def deeplab_state(state: dict, args: argparse.Namespace) -> dict[str, Any]:
    """Return VGG-16's weights under the names of a DeepLab."""
    from zoo.ops.vgg_weights import CONV_SHAPES, adapt_classifier, read_vgg16

    kernel_size, channels = HEADS[args.vgg16]
    try:
        vgg = read_vgg16(state, convention=args.convention)
        head = adapt_classifier(
            vgg,
            kernel_size=kernel_size,
            channels=channels,
            seed=args.seed or 0,
        )
    except ValueError as error:
        raise UserError(
            f'{args.file}: not a whole VGG-16 ({error}). docs/weights.md '
            'says where to get one'
        ) from error
    converted = {
        f'backbone.{key}': value
        for key, value in vgg.items()
        if key.split('.')[0] in CONV_SHAPES
    }
    return converted | {f'decode_head.{k}': v for k, v in head.items()}


def compact(tensor: Any) -> Any:
    """Return a plain tensor whose storage holds nothing but itself."""
    import torch

    data = tensor.detach().as_subclass(torch.Tensor)
    if data.is_contiguous() and data.untyped_storage().nbytes() == data.nbytes:
        return data
    return data.clone(memory_format=torch.contiguous_format)


def save(state: dict, meta: dict, out: Path) -> None:
    """Write the weights whole or not at all.

    The same content gives the same bytes: torch stores the name of a file
    that it is given as a path, but not that of an open one.
    """
    import torch

    content = {k: compact(v) for k, v in state.items()}
    with replacing(out) as temporary, temporary.open('wb') as stream:
        torch.save({'state_dict': content, 'meta': meta}, stream)


if __name__ == '__main__':
    sys.exit(run(build_parser(), main))
