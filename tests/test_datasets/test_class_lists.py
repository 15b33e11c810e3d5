"""Classes, their order and colours, against lists from the owners' pages."""

import pytest
from mmseg.registry import DATASETS

import zoo.datasets  # noqa: F401  registers the data sets
from zoo.datasets.catalogue import CATALOGUE

VOC = """
background aeroplane bicycle bird boat bottle bus car cat chair cow diningtable
dog horse motorbike person pottedplant sheep sofa train tvmonitor
"""
# The 59 by the alphabet; background before them in the set of 60.
CONTEXT = """
aeroplane bag bed bedclothes bench bicycle bird boat book bottle building bus
cabinet car cat ceiling chair cloth computer cow cup curtain dog door fence
floor flower food grass ground horse keyboard light motorbike mountain mouse
person plate platform pottedplant road rock sheep shelves sidewalk sign sky
snow sofa table track train tree truck tvmonitor wall water window wood
"""
NYUD = """
wall floor cabinet bed chair sofa table door window bookshelf picture counter
blinds desk shelves curtain dresser pillow mirror floor_mat clothes ceiling
books refridgerator television paper towel shower_curtain box whiteboard person
night_stand toilet sink lamp bathtub bag otherstructure otherfurniture
otherprop
"""
SIFTFLOW = """
awning balcony bird boat bridge building bus car cow crosswalk desert door
fence field grass moon mountain person plant pole river road rock sand sea
sidewalk sign sky staircase streetlight sun tree window
"""
MSRC = """
building grass tree cow sheep sky aeroplane water face car bicycle flower sign
bird book chair road cat dog body boat
"""
STANFORD = 'sky tree road grass water building mountain foreground'
# name and colour, as in the table of the benchmark's labels
CITYSCAPES = {
    'road': (128, 64, 128), 'sidewalk': (244, 35, 232),
    'building': (70, 70, 70), 'wall': (102, 102, 156),
    'fence': (190, 153, 153), 'pole': (153, 153, 153),
    'traffic light': (250, 170, 30), 'traffic sign': (220, 220, 0),
    'vegetation': (107, 142, 35), 'terrain': (152, 251, 152),
    'sky': (70, 130, 180), 'person': (220, 20, 60), 'rider': (255, 0, 0),
    'car': (0, 0, 142), 'truck': (0, 0, 70), 'bus': (0, 60, 100),
    'train': (0, 80, 100), 'motorcycle': (0, 0, 230),
    'bicycle': (119, 11, 32),
}  # fmt: skip
CLASSES = {
    'voc': VOC,
    'sbd': VOC,
    'coco_voc20': VOC,
    'context59': CONTEXT,
    'context60': f'background {CONTEXT}',
    'nyud40': NYUD,
    'siftflow': SIFTFLOW,
    'msrc21': MSRC,
    'stanford': STANFORD,
}
# VOC's colours of ids 0 to 20, of its development kit
VOC_COLOURS = """
000000 800000 008000 808000 000080 800080 008080 808080 400000 c00000 408000
c08000 400080 c00080 408080 c08080 004000 804000 00c000 80c000 004080
"""


def known(name):
    info = DATASETS.get(CATALOGUE[name].dataset).METAINFO
    return list(info['classes']), [tuple(c) for c in info['palette']]


@pytest.mark.parametrize('name', CLASSES)
def test_classes_are_those_of_the_owner(name):
    names = [word.replace('_', ' ') for word in CLASSES[name].split()]
    assert known(name)[0] == names


def test_classes_of_cityscapes_have_their_colours():
    assert known('cityscapes') == (
        list(CITYSCAPES),
        list(CITYSCAPES.values()),
    )


@pytest.mark.parametrize('name', ['voc', 'sbd', 'coco_voc20'])
def test_colours_of_voc(name):
    colours = [tuple(bytes.fromhex(word)) for word in VOC_COLOURS.split()]
    assert known(name)[1] == colours


@pytest.mark.parametrize('name', ['nyud40', 'siftflow'])
def test_colours_go_on_as_those_of_voc(name):
    colours = [tuple(bytes.fromhex(word)) for word in VOC_COLOURS.split()]
    assert known(name)[1][:20] == colours[1:]


@pytest.mark.parametrize('name', [n for n in CATALOGUE if n != 'own'])
def test_no_two_classes_look_alike(name):
    classes, colours = known(name)
    assert len(set(classes)) == len(classes) == len(colours)
    alike = 1 if name.startswith('context') else 0  # mmseg's palette
    assert len(set(colours)) == len(colours) - alike
    assert (255, 255, 255) not in colours  # void
