"""Scanned paper: pages found by their marks and codes, boxes measured, and the answer sheet that they make up.

What needs OpenCV is imported by commands when they run; engine.scanning.parts says whether it is there.
"""
