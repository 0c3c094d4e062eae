"""Quiet windows and shifted ones, judged by the thousand: are the verdicts calibrated?"""
