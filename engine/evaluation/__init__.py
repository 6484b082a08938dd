"""Answers to results, findings and escalations, with the proof of each."""
