"""What is put around a method: where its gradient is taken, which weights are kept or taken out."""
