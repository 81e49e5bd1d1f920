"""The supervised phase: the generator alone, on the L1 difference (section 3.4; dossier 1.4)."""

from torch import Tensor

from astrogan.training.learner import PhaseLearner
from astrogan.training.losses import colour_loss


class PretrainLearner(PhaseLearner):
    """Adam on the mean absolute difference between output and target, and on that of their colours where it has weight."""

    def step(self, condition: Tensor, target: Tensor) -> dict[str, Tensor]:
        with self.precision.autocast():
            output = self.model(condition)
        loss, terms = colour_loss(output, target, self.phase)
        loss.backward()
        self.opt.step()
        self.opt.zero_grad()
        return {name: term.detach() for name, term in terms.items()}
