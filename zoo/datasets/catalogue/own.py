"""A data set of the user's own."""

from zoo.datasets.catalogue.entry import Entry
from zoo.datasets.catalogue.pascal import VOC_PARTS

OWN = Entry(
    name='own',
    title="your own data, in VOC's folders",
    dataset='OwnDataset',
    split_key='ann_file',
    split_value='ImageSets/Segmentation/{}.txt',
    splits={'train': (), 'val': ()},
    root='data/mine',
    parts=(*VOC_PARTS, 'class_names.txt'),
    licence='yours',
    page='your_own_data.md',
    where='as docs/your_own_data.md says',
)
