"""Quiet weeks and changed ones, watched by the hundred: is the budget of false alarms kept?"""
