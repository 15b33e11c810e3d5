# VOC 2012 for classifiers of superpixels: 256 of any images make a batch. They
# are read from a table of features; images are seen in testing only.
_base_ = './voc.py'
superpixels = dict(n_segments=500, compactness=15)
data_preprocessor = dict(type='TablePreProcessor')
features = dict(images=200, samples=100000)
train_dataloader = dict(
    batch_size=256, collate_fn=dict(type='default_collate')
)
