// What an opportunity's stage says about it.
export type Stage = { name: string; probability: number; closed: boolean; won: boolean; forecast: string }

const open = (name: string, probability: number, forecast = 'Pipeline'): Stage => ({
  name,
  probability,
  closed: false,
  won: false,
  forecast,
})

export const OPPORTUNITY_STAGES: readonly Stage[] = [
  open('Prospecting', 10),
  open('Qualification', 10),
  open('Needs Analysis', 20),
  open('Value Proposition', 50),
  open('Id. Decision Makers', 60),
  open('Perception Analysis', 70),
  open('Proposal/Price Quote', 75, 'BestCase'),
  open('Negotiation/Review', 90, 'BestCase'),
  { name: 'Closed Won', probability: 100, closed: true, won: true, forecast: 'Closed' },
  { name: 'Closed Lost', probability: 0, closed: true, won: false, forecast: 'Omitted' },
]
