#!/usr/bin/env python3
"""NETCONF over TLS (RFC 7589) before another's NETCONF server: takes connections of clients with a certificate and runs
the server's subsystem program for each, as sshd would. Usage: tls_front.py PORT CERT KEY CA SUBSYSTEM ARG… ; prints
"ready", then a line for each connection. Ends with its standard input.
"""
import os
import socket
import ssl
import subprocess
import sys
import threading

port, certificate, key, authority = int(sys.argv[1]), *sys.argv[2:5]
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(certificate, key)
context.load_verify_locations(authority)
context.verify_mode = ssl.CERT_REQUIRED
environment = dict(os.environ, SSH_CONNECTION=f"127.0.0.1 1 127.0.0.1 {port}", SSH_CLIENT=f"127.0.0.1 1 {port}",
                   USER="root", HOME="/root")


def say(text):
    print(text, flush=True)


def serve(plain):
    """One connection. The TLS object is used by two threads, so reading waits without holding it."""
    try:
        plain.settimeout(60)
        tls = context.wrap_socket(plain, server_side=True)
    except OSError as fault:
        say(f"refused {fault}")
        plain.close()
        return
    say(f"connected {dict(x[0] for x in tls.getpeercert()['subject'])['commonName']} {tls.version()}")
    tls.settimeout(0.02)
    child = subprocess.Popen(sys.argv[5:], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)
    lock = threading.Lock()

    def outward():
        while data := os.read(child.stdout.fileno(), 65536):
            while data:
                with lock:
                    try:
                        data = data[tls.send(data):]
                    except TimeoutError:
                        pass
                    except OSError:
                        return
        try:
            tls.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    threading.Thread(target=outward, daemon=True).start()
    try:
        while True:
            try:
                with lock:
                    data = tls.recv(65536)
            except TimeoutError:
                if child.poll() is not None:
                    break
                continue
            if not data:
                break
            child.stdin.write(data)
            child.stdin.flush()
    except OSError:
        pass
    child.kill()
    child.wait()
    tls.close()


def accept(listener):
    while True:
        threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()


listening = socket.create_server(("127.0.0.1", port))
threading.Thread(target=accept, args=(listening,), daemon=True).start()
say("ready")
sys.stdin.read()
os._exit(0)
