"""What is printed of a check, whatever the names look like."""

import pytest
from PIL import Image

from zoo.datasets.checking import audit
from zoo.datasets.checking.printing import print_report
from zoo.datasets.listing import print_list

ODD = ['[/x]', ':car:[red]', 'c\\', '[bold]d[/]']


@pytest.fixture
def report(tmp_path):
    """Of a data set with names that rich takes for its markup."""
    root = tmp_path / 'x[a]:car:'
    lists = root / 'ImageSets/Segmentation'
    lists.mkdir(parents=True)
    for folder, kind in (
        ('JPEGImages', '.jpg'),
        ('SegmentationClass', '.png'),
    ):
        (root / folder).mkdir()
        for name in ('a', 'b'):
            path = root / folder / f'{name}{kind}'
            Image.new('L', (4, 4), 1).save(path)
    (lists / 'train.txt').write_text('a\n[/b]\n')
    (lists / 'val.txt').write_text('b\n')
    (root / 'class_names.txt').write_text('\n'.join(ODD))
    return audit('own', root)


def test_names_are_printed_as_they_are(report, capsys, monkeypatch):
    monkeypatch.setenv('COLUMNS', '200')
    report['superpixels'] = {
        'split': 'val',
        'n_segments': 4,
        'compactness': 15,
        'per_image': {'mean': 4, 'min': 4, 'max': 4},
        'size': 4,
        'aAcc': 50.0,
        'mIoU': 50.0,
        'IoU': dict.fromkeys(ODD[:3], 50.0),
    }
    print_report(report)
    out = capsys.readouterr().out
    assert f'own in {report["root"]}: train 1, val 1 images' in out
    rows = [line.split()[0] for line in out.splitlines() if line.strip()]
    assert set(ODD) <= set(rows)
    assert 'lowest IoU: [/x] 50.0, :car:[red] 50.0, c\\ 50.0' in out
    assert 'JPEGImages/[/b].jpg' in out
    assert 'verdict: not fit for use' in out


def test_commands_of_the_list_are_printed_as_they_are(capsys, monkeypatch):
    monkeypatch.setattr(
        'zoo.datasets.catalogue.Entry.command', lambda entry: 'get [/it]'
    )
    print_list()
    assert 'voc: get [/it]' in capsys.readouterr().out
