"""The supervised phase: the generator alone, on the L1 difference (section 3.4; dossier 1.4)."""

from torch import Tensor

from astrogan.training.learner import PhaseLearner
from astrogan.training.losses import l1


class PretrainLearner(PhaseLearner):
    """Adam on the mean absolute difference between output and target."""

    def step(self, condition: Tensor, target: Tensor) -> dict[str, Tensor]:
        with self.precision.autocast():
            output = self.model(condition)
        loss = l1(output, target, self.phase.chroma_weight)
        loss.backward()
        self.opt.step()
        self.opt.zero_grad()
        return {"l1": loss.detach()}
