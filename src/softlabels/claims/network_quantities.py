"""What the claims about networks with hidden layers measure; the rules are those of `quantities`."""
