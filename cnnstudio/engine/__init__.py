"""The network as arithmetic: NumPy arrays in, NumPy arrays out. Table of contents:

- `network`      Network: predict, activations, loss_and_gradients, state_dict, snapshot; `wiring`: its nodes
- `passes`       how a batch goes through a network and back; `state`: the network's arrays under PyTorch's names
- `layers`       the layers, one family a file, each as forward and backward
- `kernels`      where the time goes: convolution, pooling, threads, memory; arrays in, arrays out
- `losses`       cross-entropy with label smoothing and class weights, multiclass SVM, mean squared error
- `optimizers`   SGD with momentum and Nesterov, AdaGrad, RMSprop, Adam, AdamW; L1 and L2 penalties
- `schedules`    the learning rate by iteration: step, exponential, cosine, one-cycle, plateau, warm-up
- `regularization` penalties as numbers, the max-norm constraint, clipping; `freezing`: layers that do not learn
- `initializers` what weights start from; `initialization`: fresh weights for a whole network
- `training`     train: a generator of `events`, as `config` says; `learner`: one step of it
- `diagnosis`    where the first value stands that is not finite
- `profiling`    milliseconds and bytes of every node, and which is out of proportion
- `capture`      any node's activation, and the gradient of the loss by it
- `folding`      batch normalization worked into the layer before it
- `gradcheck`    compares any network's gradients with differences
- `arrays`       types of arrays, and their two layouts; `checks` of settings; `errors`: what can go wrong

Pictures are (N, channels, height, width) at this border and weights in PyTorch's layout; inside, maps are
(N, height, width, channels). bytes (uint8) are read as value / 255, floats are taken as they are.

A sketch of a training run, with `data` from `cnnstudio.data.load_dataset`:

    net = compile_graph(graph, seed=0)
    for event in train(net, data, TrainingConfig(epochs=5)):
        print(event)
"""

from __future__ import annotations

from cnnstudio.engine.capture import Capture, capture
from cnnstudio.engine.config import LOSSES, OPTIMIZERS, LayerSettings, TrainingConfig, TrainingControl
from cnnstudio.engine.errors import (
    ConfigError,
    EngineError,
    InputError,
    Interrupted,
    LayerError,
    NetworkError,
    StateError,
)
from cnnstudio.engine.events import (
    EpochDone,
    Evaluating,
    IterationDone,
    RunDone,
    RunFailed,
    RunStarted,
    TrainingEvent,
)
from cnnstudio.engine.folding import fold_batch_norm
from cnnstudio.engine.gradcheck import GradientReport, gradcheck, gradcheck_layer
from cnnstudio.engine.initialization import initialize
from cnnstudio.engine.initializers import INITIALIZERS
from cnnstudio.engine.losses import SVM, CrossEntropy, SquaredError
from cnnstudio.engine.network import Network
from cnnstudio.engine.profiling import Profile, ProfileControl, ProfileRow, profile
from cnnstudio.engine.schedules import SCHEDULES
from cnnstudio.engine.training import check_fit, train
from cnnstudio.engine.wiring import NetworkNode

__all__ = [
    "INITIALIZERS",
    "LOSSES",
    "OPTIMIZERS",
    "SCHEDULES",
    "SVM",
    "Capture",
    "ConfigError",
    "CrossEntropy",
    "EngineError",
    "EpochDone",
    "Evaluating",
    "GradientReport",
    "InputError",
    "Interrupted",
    "IterationDone",
    "LayerError",
    "LayerSettings",
    "Network",
    "NetworkError",
    "NetworkNode",
    "Profile",
    "ProfileControl",
    "ProfileRow",
    "RunDone",
    "RunFailed",
    "RunStarted",
    "SquaredError",
    "StateError",
    "TrainingConfig",
    "TrainingControl",
    "TrainingEvent",
    "capture",
    "check_fit",
    "fold_batch_norm",
    "gradcheck",
    "gradcheck_layer",
    "initialize",
    "profile",
    "train",
]
