"""Published numbers in the READMEs are rows of the table of sources."""

import re

from support import ROOT

from zoo.evaluation import load_published

ROW = re.compile(r'^\| \[vgg16\S*\]\(\S+\).*\|$', re.MULTILINE)


def test_every_number_stands_in_the_table_under_its_source():
    text = (ROOT / 'configs/deeplab_crf/README.md').read_text()
    lines = ROW.findall(text)
    assert len(lines) == 7
    published = load_published()
    for line in lines:
        cells = [cell.strip() for cell in line.strip('|').split('|')]
        for value in cells[3:5]:
            hits = [
                row
                for row in published
                if row.dataset == 'VOC2012'
                and row.split == 'val'
                and float(row.value) == float(value)
                and cells[5] in row.source
            ]
            assert hits, line
