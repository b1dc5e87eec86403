"""What the numbers of text's stages mean: a unit and a sentence for each curve of a report."""

from training.report import Curve

WRITING = {
    "held_out_loss": Curve("nats", "Surprise at the next token of texts that are not learned from; less is better."),
    "perplexity": Curve("tokens", "Among how many equally likely tokens that would be a choice."),
}

PREFERENCES = {
    "accuracy": Curve("of the pairs", "How often the preferred answer comes out ahead, in what is learned."),
    "held_out_accuracy": Curve("of the pairs", "How often it does in pairs that are not learned from; 0.5 is a guess."),
    "held_out_log_loss": Curve("nats", "Surprise at preferences that are not learned from; a guess costs 0.693."),
    "margin": Curve("nats", "By how much the preferred answer gained more than the other, times beta."),
    "chosen_log_ratio": Curve("nats", "How much likelier preferred answers became; below 0 they grow less likely."),
    "held_out_chosen_log_ratio": Curve("nats", "The same of pairs that are not learned from."),
    "drawn_reward": Curve("", "What the answers were paid that this round learns from."),
    "drawn_pairs": Curve("", "Pairs of this round: prompts whose answers were paid differently."),
    "held_out_reward": Curve("", "What answers to prompts are paid that are not learned from."),
}

SEARCHING = {
    "held_out_reward": Curve("", "What drawn answers are paid, without search, of prompts that are not learned from."),
    "search_reward": Curve("", "What the search's best texts of this round are paid: what there is to learn."),
    "found_texts": Curve("", "Texts of all rounds that were paid enough to be learned."),
}

REWARDS = {
    "reward": Curve("", "What the answers of a step are paid."),
    "held_out_reward": PREFERENCES["held_out_reward"],
    "divergence": Curve("nats", "How far an answer's likelihood has moved from the reference (k3): what reward costs."),
    "held_out_divergence": Curve("nats", "The same of answers to prompts that are not learned from."),
    "coefficient": Curve("", "Weight of the divergence in the loss."),
    "answer_tokens": Curve("tokens", "Length of an answer."),
    "policy_loss": Curve("", "Less is better, but its zero means nothing: it compares with the answers drawn."),
    "value_loss": Curve("", "Half the squared error of the critic."),
    "entropy": Curve("nats", "How open the next token is; where it falls to 0, answers are all alike."),
    "clipped": Curve("of the tokens", "How often a likelihood moved further than a step may."),
}
