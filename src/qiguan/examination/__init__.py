"""群众出题当考官: the public proposes and weighs the questions, a draw makes the paper, units answer openly, the public marks."""
