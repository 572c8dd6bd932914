"""The local module, whose functions are tracked."""

from mandala.imports import track


@track
def rate():
    return 3


@track
def scaled(number):
    # By the rate of this year.
    return number * rate()


@track
def unused(number):
    return number - 1
