/** Loaded into each process that `plumb start` starts: when the starter is gone, however it ended, the process ends too. */
if (process.send) {
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'))
  process.channel?.unref()
}
