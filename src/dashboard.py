"""The dashboard: `streamlit run src/dashboard.py`; the same as `questline dashboard`."""

from questline.dashboard.app import main

main()
