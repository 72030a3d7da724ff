// What the admin API says, as the engine's own types: the one place where the console imports anything of ours.
export type {
  Answered,
  Explained,
  JourneyLine,
  JourneyPage,
  Moment,
  Numbers,
  ProblemBody,
  Problems,
  Released,
  RetryRequest,
  Story,
  Systems,
  Tasks,
} from '@plumbline/engine'
