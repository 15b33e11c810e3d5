"""Put the weights of separately trained parts into one checkpoint.

python tools/assemble.py CONFIG --parts UNARY.pth PAIRWISE.pth --out WHOLE.pth
"""

import argparse
from pathlib import Path

from zoo.cli import run
from zoo.errors import UserError


def build_parser() -> argparse.ArgumentParser:
    """Return the parser; nothing heavy is imported for ``--help``."""
    parser = argparse.ArgumentParser(
        description='Put the weights of separately trained parts, perhaps '
        'trained on several machines, into one checkpoint, and check that '
        'they make up the model of a config. Parts that were trained on this '
        'machine need no such step: tools/test.py finds them.'
    )
    add = parser.add_argument
    add('config', help='the leaf of the whole')
    add(
        '--parts',
        nargs='+',
        required=True,
        type=Path,
        metavar='FILE',
        help='a checkpoint of each part; in the order of assembled_from '
        'where the leaf names its parts there, else in any',
    )
    add('--out', required=True, type=Path, metavar='FILE')
    add('--force', action='store_true', help='replace --out if it exists')
    add('--cfg-options', nargs='+', default=(), metavar='KEY=VALUE')
    return parser


def main(args: argparse.Namespace) -> None:
    """Assemble; print how to test the result."""
    require_free(args.out, args.parts, force=args.force)

    from zoo import engine  # noqa: F401  registers what a config may name
    from zoo.engine.assembly import assemble
    from zoo.engine.config import load_config
    from zoo.engine.explain import explained
    from zoo.engine.weights import part_leaves

    config = load_config(args.config, options=args.cfg_options)
    if 'model' not in config:
        raise UserError(f'{args.config}: has no model. Give a leaf')
    with explained(config, args.config):
        leaves, prefixes = part_leaves(config, args.config)
        named = any(prefixes)
        if named and len(args.parts) != len(leaves):
            raise UserError(
                f'--parts: {args.config} has {len(leaves)} parts, '
                f'{", ".join(leaves)}. Give a file for each, in this order'
            )
        assemble(
            args.parts,
            args.out,
            prefixes=prefixes if named else None,
            model=config.model,
        )
    print(f'wrote {args.out}')
    print(f'test it: python tools/test.py {args.config}={args.out}')


def require_free(out: Path, parts: list[Path], *, force: bool) -> None:
    """Refuse to overwrite anything that was not meant."""
    if out.is_dir():
        raise UserError(f'{out}: is a folder. Give a file as --out')
    if out.exists() and any(p.exists() and out.samefile(p) for p in parts):
        raise UserError(f'{out}: is one of the parts. Give another --out')
    if out.exists() and not force:
        raise UserError(f'{out}: exists. Give another --out, or --force')


if __name__ == '__main__':
    raise SystemExit(run(build_parser(), main))
