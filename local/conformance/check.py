"""Runs every check of scim2-tester against a SCIM base: check.py URL, with the token in SCIM_TOKEN.

Prints a line for each check. Fails on a complaint and on too few checks. Checks that the schemas exclude are skipped, such as the
removal of required attributes.
"""

import os
import sys

from httpx2 import Client
from scim2_client.client import BASE_HEADERS
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import Status, check_server

GOOD = {Status.SUCCESS, Status.COMPLIANT, Status.ACCEPTABLE}
LEAST = 40  # good checks, fewer if discovery fails


def main() -> int:
    headers = {**BASE_HEADERS, "Authorization": "Bearer " + os.environ["SCIM_TOKEN"]}
    http = Client(base_url=sys.argv[1], headers=headers, timeout=30)
    results = check_server(SyncSCIMClient(http))
    for result in results:
        print(result.status.name, result.title, result.resource_type or "", result.reason or "")
    good = sum(result.status in GOOD for result in results)
    skipped = sum(result.status is Status.SKIPPED for result in results)
    complaints = len(results) - good - skipped
    print(f"{good} good, {skipped} skipped, {complaints} complaints")
    return 1 if complaints or good < LEAST else 0


if __name__ == "__main__":
    sys.exit(main())
