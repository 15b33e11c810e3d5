"""Where things are, and a leaf shrunk so far that it trains in moments."""

from pathlib import Path

ROOT = Path(__file__).parents[1]
LEAF = ROOT / 'configs/deeplab_crf/vgg16_minivoc.py'
SMALL = (
    'model.backbone.base_channels=2',
    'model.decode_head.in_channels=16',
    'model.decode_head.channels=4',
    'train_dataloader.batch_size=2',
    'train_dataloader.num_workers=0',
    'train_dataloader.persistent_workers=False',
    'val_dataloader.num_workers=0',
    'val_dataloader.persistent_workers=False',
    'test_dataloader.num_workers=0',
    'test_dataloader.persistent_workers=False',
    'default_hooks.checkpoint.interval=2',
)
PARTS = {'semantic': 'm/classes_minivoc', 'localisation': 'm/boxes_minivoc'}


def write_leaf(folder, name, base, text):
    """Write a leaf on top of one of FCRN's; return its path."""
    base = str(ROOT / f'configs/fcrn/{base}_minivoc.py')
    path = folder / f'{name}_minivoc.py'
    path.write_text(f'# {name}.\n_base_ = {base!r}\n{text}')
    return path
