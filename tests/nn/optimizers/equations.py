"""The equations of the papers, for one number at a time, in Python's floats."""

from math import copysign, sqrt


def _gradient(g, p, settings):
    """Return the gradient that is descended along."""
    g = -g if settings["maximize"] else g
    return g + settings["weight_decay"] * p


def _decayed(g, p, rate, settings):
    if not settings["decoupled_weight_decay"]:
        return _gradient(g, p, settings), p
    g = -g if settings["maximize"] else g
    return g, p - rate * settings["weight_decay"] * p


def sgd(p, gradients, rates, settings):
    momentum, velocity = settings["momentum"], None
    for given, rate in zip(gradients, rates, strict=True):
        g = _gradient(given, p, settings)
        fresh = g if velocity is None else (1 - settings["dampening"]) * g
        velocity = momentum * (velocity or 0.0) + fresh
        if not momentum:
            p -= rate * g
        elif settings["nesterov"]:
            p -= rate * (g + momentum * velocity)
        else:
            p -= rate * velocity
    return p


def rmsprop(p, gradients, rates, settings):
    alpha = settings["alpha"]
    square = mean = velocity = 0.0
    for given, rate in zip(gradients, rates, strict=True):
        g = _gradient(given, p, settings)
        square = alpha * square + (1 - alpha) * g**2
        mean = alpha * mean + (1 - alpha) * g
        variance = max(square - mean**2, 0.0) if settings["centered"] else square
        velocity = settings["momentum"] * velocity + g / (sqrt(variance) + settings["eps"])
        p -= rate * velocity
    return p


def adagrad(p, gradients, rates, settings):
    total = settings["initial_accumulator_value"]
    for t, (given, rate) in enumerate(zip(gradients, rates, strict=True)):
        g = _gradient(given, p, settings)
        total += g**2
        p -= rate / (1 + t * settings["learning_rate_decay"]) * g / (sqrt(total) + settings["eps"])
    return p


def adadelta(p, gradients, rates, settings):
    rho, eps = settings["rho"], settings["eps"]
    of_gradients = of_changes = 0.0
    for given, rate in zip(gradients, rates, strict=True):
        g = _gradient(given, p, settings)
        of_gradients = rho * of_gradients + (1 - rho) * g**2
        change = sqrt(of_changes + eps) / sqrt(of_gradients + eps) * g
        of_changes = rho * of_changes + (1 - rho) * change**2
        p -= rate * change
    return p


def adam(p, gradients, rates, settings):
    beta1, beta2 = settings["betas"]
    m = v = largest = 0.0
    for t, (given, rate) in enumerate(zip(gradients, rates, strict=True), 1):
        g, p = _decayed(given, p, rate, settings)
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        largest = max(largest, v)
        used = largest if settings["amsgrad"] else v
        p -= rate * (m / (1 - beta1**t)) / (sqrt(used / (1 - beta2**t)) + settings["eps"])
    return p


def adamw(p, gradients, rates, settings):
    return adam(p, gradients, rates, {**settings, "decoupled_weight_decay": True})


def adamax(p, gradients, rates, settings):
    beta1, beta2 = settings["betas"]
    m = u = 0.0
    for t, (given, rate) in enumerate(zip(gradients, rates, strict=True), 1):
        g = _gradient(given, p, settings)
        m = beta1 * m + (1 - beta1) * g
        u = max(beta2 * u, abs(g) + settings["eps"])
        p -= rate / (1 - beta1**t) * m / u
    return p


def nadam(p, gradients, rates, settings):
    beta1, beta2 = settings["betas"]

    def mu(t):
        return beta1 * (1 - 0.96 ** (t * settings["momentum_decay"]) / 2)

    m = v = 0.0
    product = 1.0
    for t, (given, rate) in enumerate(zip(gradients, rates, strict=True), 1):
        g, p = _decayed(given, p, rate, settings)
        product *= mu(t)
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        ahead = mu(t + 1) * m / (1 - product * mu(t + 1)) + (1 - mu(t)) * g / (1 - product)
        p -= rate * ahead / (sqrt(v / (1 - beta2**t)) + settings["eps"])
    return p


def radam(p, gradients, rates, settings):
    beta1, beta2 = settings["betas"]
    limit = 2 / (1 - beta2) - 1
    m = v = 0.0
    for t, (given, rate) in enumerate(zip(gradients, rates, strict=True), 1):
        g, p = _decayed(given, p, rate, settings)
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        rho = limit - 2 * t * beta2**t / (1 - beta2**t)
        step = m / (1 - beta1**t)
        if rho > 5:
            over = (rho - 4) * (rho - 2) * limit
            under = (limit - 4) * (limit - 2) * rho
            step *= sqrt(over / under) * sqrt(1 - beta2**t) / (sqrt(v) + settings["eps"])
        p -= rate * step
    return p


def lion(p, gradients, rates, settings):
    beta1, beta2 = settings["betas"]
    m = 0.0
    for given, rate in zip(gradients, rates, strict=True):
        g = -given if settings["maximize"] else given
        c = beta1 * m + (1 - beta1) * g
        sign = copysign(1.0, c) if c else 0.0
        p -= rate * (sign + settings["weight_decay"] * p)
        m = beta2 * m + (1 - beta2) * g
    return p
