# minivoc for classifiers of superpixels: 256 of any images make a batch. They
# are read from a table of features; images are seen in testing only.
_base_ = './minivoc.py'
superpixels = dict(n_segments=200, compactness=15)
data_preprocessor = dict(type='TablePreProcessor')
features = dict(images=100, samples=50000)
train_dataloader = dict(
    batch_size=256, collate_fn=dict(type='default_collate')
)
