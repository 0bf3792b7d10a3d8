"""Text in, findings and safe text out. No I/O and no await anywhere."""
