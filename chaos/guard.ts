// Loaded into each process that a campaign starts: when the campaign is gone, however it ended, the process ends too.
if (process.send) {
  process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'))
  process.channel?.unref()
}
