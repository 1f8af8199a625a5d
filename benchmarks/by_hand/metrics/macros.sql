-- Ends of Wilson's 95 % interval, which an analyst keeps at hand.
CREATE MACRO wilson_middle(p, n) AS
    (p * n + 1.959963984540054 ** 2 / 2) / (n + 1.959963984540054 ** 2);
CREATE MACRO wilson_half(p, n) AS 1.959963984540054
    * sqrt(p * (1 - p) * n + 1.959963984540054 ** 2 / 4) / (n + 1.959963984540054 ** 2);
CREATE MACRO wilson_low(p, n) AS
    CASE WHEN p IS NOT NULL THEN greatest(wilson_middle(p, n) - wilson_half(p, n), 0) END;
CREATE MACRO wilson_high(p, n) AS
    CASE WHEN p IS NOT NULL THEN least(wilson_middle(p, n) + wilson_half(p, n), 1) END;
-- Ends of the 95 % interval of a Kaplan-Meier estimate on the scale log(-log): of the sum of the
-- logarithms of what is left, and Greenwood's sum.
CREATE MACRO kaplan_low(log_left, spread) AS CASE WHEN log_left < 0
    THEN 1 - exp(log_left * exp(-1.959963984540054 * sqrt(spread) / -log_left)) END;
CREATE MACRO kaplan_high(log_left, spread) AS CASE WHEN log_left < 0
    THEN 1 - exp(log_left * exp(1.959963984540054 * sqrt(spread) / -log_left)) END;
-- Independent trials that tell as much as those of so many players: sums of trials x and hits y.
CREATE MACRO effective(p, players, x, xx, yy, xy) AS
    CASE WHEN p > 0 AND p < 1 AND players > 1 THEN x / greatest(1, players / (players - 1)
        * (x - 1) / x * (yy - 2 * p * xy + p * p * xx) / (x * p * (1 - p))) ELSE players END;
