from scinno.cli import main

main()
