"""The usual loop of a Python program with the `websocket-client` package. Usage: python3 websocket_client.py URL REQUEST"""

import sys
from websocket import create_connection

url, request = sys.argv[1:3]
connection = create_connection(url)
connection.send(request)
while True:
    print(connection.recv(), flush=True)
