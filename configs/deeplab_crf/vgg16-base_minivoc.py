# Ablation of vgg16_minivoc.py: DeepLab's small field of view, 4 x 4 taps.
# Half the rate of the paper's, as images are half as large; width as there.
_base_ = './vgg16_minivoc.py'
model = dict(decode_head=dict(kernel_size=4, dilation=2, average_pool=False))
