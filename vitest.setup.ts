// The tests may themselves run in a job of this very product: no test may see that agent's or that server's settings.
for (const name of Object.keys(process.env)) {
  if (/^(GO_|AGENT_AUTO_REGISTER_|GOCD_)/.test(name) && name !== 'GO_AGENT_JOB_MARKER')
    delete process.env[name];
}
