#!/usr/bin/env python3
"""Exports networks of torchvision to ONNX with random weights, for measuring compile time and speed.

    apt-get install python3-torch python3-torchvision
    /usr/bin/python3 bench/export_torchvision.py OUTDIR resnet50 [NAME ...]

The statistics of the batch normalizations come from two random batches, so that activations keep a usual range;
beside each NAME.onnx lies NAME.calib.npz with random samples for its input `input` [1, 3, 224, 224]."""

import argparse
import pathlib

import numpy
import torch
import torchvision

SHAPE = (1, 3, 224, 224)


def settle_statistics(model):
    norms = [module for module in model.modules() if isinstance(module, torch.nn.BatchNorm2d)]
    for norm in norms:
        norm.momentum = None  # cumulative averages
        norm.reset_running_stats()
    with torch.no_grad():
        for _ in range(2):
            model.train()(torch.randn(4, *SHAPE[1:]))
    return model.eval()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("names", nargs="+", metavar="NAME")
    parser.add_argument("--samples", type=int, default=100, help="calibration samples")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    samples = numpy.random.default_rng(0).standard_normal((arguments.samples, *SHAPE), dtype=numpy.float32)
    for name in arguments.names:
        torch.manual_seed(0)
        model = settle_statistics(torchvision.models.get_model(name) if hasattr(torchvision.models, "get_model")
                                  else getattr(torchvision.models, name)())
        torch.onnx.export(model, torch.zeros(SHAPE), str(arguments.folder / f"{name}.onnx"), opset_version=13,
                          input_names=["input"], output_names=["logits"])
        numpy.savez(arguments.folder / f"{name}.calib.npz", input=samples)


main()
