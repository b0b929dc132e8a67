export ANTHROPIC_BASE_URL='http://127.0.0.1:8000/simulator/hello'
export ANTHROPIC_API_KEY='any-key'
