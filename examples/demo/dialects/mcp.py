ROUTES = []


def error(status, message):
    return {"error": message}
