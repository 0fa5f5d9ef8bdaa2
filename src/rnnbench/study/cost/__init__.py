"""What a gradient, an update and a study cost, measured on the machine that the study runs on."""
