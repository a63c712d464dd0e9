"""The multi-view generator of X2CT-GAN (Ying et al., CVPR 2019) in PyTorch, written from a description of
its layers, for timing and as a reference. Only what the fused volume needs is computed; normalisations use the
sample's statistics, as the published test script does. It works in the precision of its weights and images.
"""

import torch
import torch.nn.functional as F

# The published widths, under the names that its own configuration gives them. Lists of decoders go from level -1 to 4.
PUBLISHED = {
    "input_size": 128, "encoder_first": 64, "encoder_block_list": [6, 12, 24, 16, 6], "growth_rate": 32, "bn_size": 4,
    "decoder_channel_list": [16, 16, 32, 64, 128, 256], "decoder_block_list": [1, 2, 2, 2, 2, 0],
    "fused_decoder_block_list": [1, 1, 1, 1, 1, 0]}
# The axes (depth, rows, columns) of a view's volume among those of (N, C, D, H, W).
ORDERS = ((0, 1, 3, 2, 4), (0, 1, 4, 2, 3))


def argsort(order):
    return sorted(range(len(order)), key=order.__getitem__)


class Generator:
    def __init__(self, weights, widths=PUBLISHED):
        self.w, self.widths = weights, widths

    def channels(self, level):
        return self.widths["decoder_channel_list"][level + 1]

    def norm(self, x, name):
        self.w.statistics(name, x.shape[1])
        return F.relu(F.instance_norm(x))

    def conv(self, x, name, channels, kernel=3, stride=1, padding=None):
        convolve = F.conv2d if x.dim() == 4 else F.conv3d
        shape = (channels, x.shape[1]) + (kernel,) * (x.dim() - 2)
        padding = kernel // 2 if padding is None else padding
        return convolve(
            x, self.w.normal(f"{name}.weight", *shape), self.w.constant(f"{name}.bias", channels, 0), stride, padding)

    def block(self, x, name, channels, index=0):
        return self.norm(self.conv(x, f"{name}.{index}", channels), f"{name}.{index + 1}")

    def doubled(self, x, name, channels):
        weight = self.w.normal(f"{name}.0.weight", x.shape[1], channels, 3, 3, 3)
        bias = self.w.constant(f"{name}.0.bias", channels, 0)
        return self.norm(F.conv_transpose3d(x, weight, bias, 2, 1, 1), f"{name}.1")

    def encode(self, image, view):
        x = self.conv(
            F.pad(image, (3, 3, 3, 3), mode="reflect"), f"{view}.encoder_layer.1", self.widths["encoder_first"], 7,
            padding=0)
        features = [self.norm(x, f"{view}.encoder_layer.2")]
        growth, bottleneck = self.widths["growth_rate"], self.widths["bn_size"]
        for stage, layers in enumerate(self.widths["encoder_block_list"]):
            name = f"{view}.encoder_layer{stage}"
            x = self.norm(features[-1], f"{name}.0")
            x = self.conv(x, f"{name}.2", x.shape[1], stride=2)
            for layer in range(layers):
                path = f"{name}.3.conv_block.{layer}"
                y = self.conv(self.norm(x, f"{path}.norm1"), f"{path}.conv1", bottleneck * growth, 1)
                x = torch.cat([x, self.conv(self.norm(y, f"{path}.norm2"), f"{path}.conv2", growth)], 1)
            if stage < 4:
                x = self.conv(self.norm(x, f"{name}.4"), f"{name}.6", x.shape[1] // 2, 1)
            else:
                x = x.mean((2, 3), keepdim=True)
            features.append(x)
        return features

    def enter(self, level, previous, features, view):
        if previous is None:
            side = self.widths["input_size"] // 32
            summary = features[5].flatten(1)
            outputs = self.channels(4) * side**3
            y = F.linear(
                summary, self.w.normal(f"{view}.base_link.0.weight", outputs, summary.shape[1]),
                self.w.constant(f"{view}.base_link.0.bias", outputs, 0))
            return F.relu(y).view(-1, self.channels(4), side, side, side)
        channels, name = self.channels(level), f"{view}.linker_layer{level + 1}.0"
        flat = self.norm(
            self.conv(features[level + 1], f"{name}.compress_block.0", channels, 1), f"{name}.compress_block.1")
        solid = flat.unsqueeze(2).expand(-1, -1, flat.shape[2], -1, -1)
        link = self.block(solid, f"{name}.conv_block", channels)
        return self.block(torch.cat([previous, link], 1), f"{view}.decoder_compress_layer{level}", channels)

    def level(self, x, name, level, convolutions, joins=False):
        channels = self.channels(level)
        for index in range(convolutions + joins):
            x = self.block(x, name, channels, 3 * index)
        if level < 0:
            return x
        return self.doubled(x, f"{name}.{3 * (convolutions + joins)}.block.block", self.channels(level - 1))

    def __call__(self, images):
        names = ("view1Model", "view2Model")
        features = [self.encode(image, view) for image, view in zip(images, names)]
        views, fused = [None, None], None
        view_blocks, fused_blocks = (self.widths[f"{name}decoder_block_list"] for name in ("", "fused_"))
        for level in range(4, -2, -1):
            entered = [self.enter(level, *both, view) for *both, view in zip(views, features, names)]
            average = sum(x.permute(argsort(order)) for x, order in zip(entered, ORDERS)) / 2
            joined = average if fused is None else torch.cat([average, fused], 1)
            fused = self.level(
                joined, f"decoder_layer{level}", level, fused_blocks[level + 1], joins=fused is not None)
            if level > -1:
                views = [
                    self.level(
                        average.permute(order), f"{view}.decoder_layer{level}", level, view_blocks[level + 1])
                    for view, order in zip(names, ORDERS)]
        return F.relu(self.conv(fused, "decoder_layer.0", 1, 7))

    def unused(self):
        """Draws the parameters that only the views' own volumes need: a checkpoint holds them too."""
        for view in ("view1Model", "view2Model"):
            x = torch.zeros(1, self.channels(-1), 8, 8, 8)
            x = self.level(x, f"{view}.decoder_layer-1", -1, self.widths["decoder_block_list"][0])
            self.conv(x, f"{view}.decoder_layer.0", 1, 7)
