"""The local module of each set-up."""


def rate():
    return 3


def scaled(number):
    # By the rate of this year.
    return number * rate()


def unused(number):
    return number - 1
